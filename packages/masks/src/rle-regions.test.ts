import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { removeSmallRegions } from "./regions.js";
import { encodeRle, maskToUncompressedRle } from "./rle.js";
import { removeSmallRegionsRle } from "./rle-regions.js";
import { maskArbitrary, maskOf, noiseMask } from "./testing/masks.js";

const MODES = ["holes", "islands"] as const;

describe("removing small regions from run lengths", () => {
  it("does what it does to dense masks", () => {
    fc.assert(
      fc.property(
        maskArbitrary,
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(...MODES),
        (mask, thresholdPx, mode) => {
          const expected = encodeRle(removeSmallRegions(mask, thresholdPx, mode).mask);
          expect(removeSmallRegionsRle(encodeRle(mask), thresholdPx, mode)).toEqual(expected);
        },
      ),
    );
  });

  it.each(MODES)("does so to large noise (%s)", (mode) => {
    const mask = noiseMask(143, 98, mode === "holes" ? 0.6 : 0.35);
    const { mask: cleaned, changed } = removeSmallRegions(mask, 12, mode);
    expect(changed).toBe(true);
    expect(removeSmallRegionsRle(encodeRle(mask), 12, mode)).toEqual(encodeRle(cleaned));
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
