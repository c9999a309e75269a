import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskToRuns } from "./dense-runs.js";
import { cleanRegions, removeSmallRegions } from "./regions.js";
import { encodeRle, maskToUncompressedRle } from "./rle.js";
import { removeSmallRegionsRle } from "./rle-operations.js";
import { cleanRegionsOfRuns, removeSmallRegionsOfRuns } from "./run-regions.js";
import { maskArbitrary, maskOf, noiseMask } from "./testing/masks.js";
import { slowWithoutSmall } from "./testing/slow-masks.js";

const MODES = ["holes", "islands"] as const;

describe("removing small regions from run lengths", () => {
  it("does what it does to pixels one by one", () => {
    fc.assert(
      fc.property(
        maskArbitrary,
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(...MODES),
        (mask, thresholdPx, mode) => {
          const expected = slowWithoutSmall(mask, thresholdPx, mode);
          const { runs, changed } = removeSmallRegionsOfRuns(maskToRuns(mask), thresholdPx, mode);
          expect(runs).toEqual(maskToRuns(expected));
          expect(removeSmallRegions(mask, thresholdPx, mode)).toEqual({ mask: expected, changed });
          expect(removeSmallRegionsRle(encodeRle(mask), thresholdPx, mode)).toEqual(encodeRle(expected));
        },
      ),
    );
  });

  it.each(MODES)("does so to large noise (%s)", (mode) => {
    const mask = noiseMask(143, 98, mode === "holes" ? 0.6 : 0.35);
    const cleaned = slowWithoutSmall(mask, 12, mode);
    expect(cleaned).not.toEqual(mask);
    expect(removeSmallRegionsOfRuns(maskToRuns(mask), 12, mode).runs).toEqual(maskToRuns(cleaned));
  });

  it("gives back the very runs where nothing is small", () => {
    const runs = maskToRuns(maskOf(["110", "110", "001"]));
    for (const mode of MODES) {
      expect(removeSmallRegionsOfRuns(runs, 1, mode)).toEqual({ runs, changed: false });
      expect(removeSmallRegionsOfRuns(runs, 1, mode).runs).toBe(runs);
    }
  });

  it("cleans by the paper's rule as dense masks are cleaned", () => {
    fc.assert(
      fc.property(maskArbitrary, fc.integer({ min: 0, max: 40 }), (mask, thresholdPx) => {
        const cleaned = cleanRegions(mask, thresholdPx);
        const runs = cleanRegionsOfRuns(maskToRuns(mask), thresholdPx);
        expect(runs && { ...runs, runs: undefined }).toEqual(cleaned && { changed: cleaned.changed });
        expect(runs?.runs).toEqual(cleaned ? maskToRuns(cleaned.mask) : undefined);
      }),
    );
  });

  it("takes runs that an empty one divides for one", () => {
    const mask = maskOf(["110", "110", "001"]);
    const { size, counts } = maskToUncompressedRle(mask);
    const divided = { size, counts: [0, 1, 0, counts[1]! - 1, ...counts.slice(2)] };
    for (const mode of MODES) {
      expect(removeSmallRegionsRle(divided, 2, mode)).toEqual(
        encodeRle(removeSmallRegions(mask, 2, mode).mask),
      );
    }
  });

  it("leaves islands and holes in place that are pointed at", () => {
    const mask = maskOf(["11111000", "10101001", "11111000", "00000000", "00000010"]);
    const rle = encodeRle(mask);
    const cleaned = (mode: "holes" | "islands", keepAt: readonly (readonly [number, number])[]) =>
      removeSmallRegionsRle(rle, 5, mode, { keepAt });
    expect(cleaned("islands", [[7.9, 1.2]])).toEqual(
      encodeRle(maskOf(["11111000", "10101001", "11111000", "00000000", "00000000"])),
    );
    expect(cleaned("holes", [[3.5, 1.5]])).toEqual(
      encodeRle(maskOf(["11111000", "11101001", "11111000", "00000000", "00000010"])),
    );
    const outside = [
      [-1, 2],
      [8, 1],
      [3, 9],
    ] as const;
    expect(cleaned("islands", outside)).toEqual(cleaned("islands", []));
  });
});
