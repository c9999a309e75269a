import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanRegions, labelRegions, removeSmallRegions } from "./regions.js";
import { decodeRle, encodeRle } from "./rle.js";
import type { Connectivity } from "./run-labels.js";
import { readFixture } from "./testing/fixtures.js";
import { maskArbitrary, maskOf, noiseMask } from "./testing/masks.js";
import { slowLabels } from "./testing/slow-masks.js";
import type { Mask, Rle } from "./types.js";

interface RegionsCase {
  readonly mask: Rle;
  readonly areaThresholdPx: number;
  readonly holes: { counts: string; changed: boolean };
  readonly islands: { counts: string; changed: boolean };
  readonly labels4?: number[];
  readonly labels8?: number[];
  readonly areas4: number[];
  readonly areas8: number[];
}

const { cases } = readFixture<{ cases: RegionsCase[] }>("masks/regions.json");

/** Labels in the order in which they first appear. */
function renumbered(labels: ArrayLike<number>): number[] {
  const numbers = new Map([[0, 0]]);
  return Array.from(labels, (label) => {
    if (!numbers.has(label)) numbers.set(label, numbers.size);
    return numbers.get(label)!;
  });
}

describe("regions", () => {
  it("join by corners or by sides only", () => {
    const mask = maskOf(["100", "010", "001"]);
    expect(labelRegions(mask).areasPx).toEqual(Uint32Array.of(6, 3));
    const { count, labels, areasPx } = labelRegions(mask, { connectivity: 4 });
    expect(count).toBe(3);
    expect([...labels]).toEqual([1, 0, 0, 0, 2, 0, 0, 0, 3]);
    expect([...areasPx]).toEqual([6, 1, 1, 1]);
  });

  it("are numbered and measured as by OpenCV", () => {
    for (const { mask, ...golden } of cases) {
      for (const connectivity of [4, 8] as const) {
        const { labels, areasPx } = labelRegions(decodeRle(mask), { connectivity });
        expect([...areasPx.subarray(1)]).toEqual(golden[`areas${connectivity}`]);
        const expected = golden[`labels${connectivity}`];
        if (expected) expect([...labels]).toEqual(expected);
      }
    }
  });

  it("are those of a flood fill", () => {
    fc.assert(
      fc.property(maskArbitrary, fc.constantFrom<Connectivity>(4, 8), (mask, connectivity) => {
        const { count, labels, areasPx } = labelRegions(mask, { connectivity });
        expect(renumbered(labels)).toEqual(slowLabels(mask, connectivity));
        expect(areasPx).toHaveLength(count + 1);
        areasPx.forEach((area, label) => {
          expect(labels.filter((other) => other === label)).toHaveLength(area);
        });
      }),
    );
  });
});

describe("regions of large noise", () => {
  it.each([4, 8] as const)("are those of a flood fill with %i neighbours", (connectivity) => {
    const mask = noiseMask(143, 98, connectivity === 4 ? 0.55 : 0.35);
    expect(renumbered(labelRegions(mask, { connectivity }).labels)).toEqual(slowLabels(mask, connectivity));
  });
});

describe("removing small regions", () => {
  it("agrees with Meta's rule on OpenCV's regions", () => {
    for (const { mask, areaThresholdPx, ...golden } of cases) {
      for (const mode of ["holes", "islands"] as const) {
        const cleaned = removeSmallRegions(decodeRle(mask), areaThresholdPx, mode);
        expect({ counts: encodeRle(cleaned.mask).counts, changed: cleaned.changed }).toEqual(golden[mode]);
      }
    }
  });

  it("keeps the largest island when all are small, and says that it changed the mask", () => {
    const cleaned = removeSmallRegions(maskOf(["1010", "0010"]), 100, "islands");
    expect(cleaned).toEqual({ mask: maskOf(["0010", "0010"]), changed: true });
  });

  it("gives back the same mask when nothing is small, and never changes the one given", () => {
    const mask = maskOf(["110", "110", "001"]);
    const before = mask.data.slice();
    expect(removeSmallRegions(mask, 2, "islands").mask).toBe(mask);
    expect(removeSmallRegions(mask, 5, "holes")).toEqual({
      mask: maskOf(["111", "111", "111"]),
      changed: true,
    });
    expect(mask.data).toEqual(before);
  });
});

describe("cleaning by the paper's rule", () => {
  const square = (size: number): Mask => ({
    width: 20,
    height: 20,
    data: new Uint8Array(400).map((_, i) => Number(i % 20 < size && i < 20 * size)),
  });

  it("drops the whole mask when its largest component is below 100 pixels", () => {
    expect(cleanRegions(square(9))).toBeNull();
    expect(cleanRegions(square(0))).toBeNull();
    expect(cleanRegions(square(0), 0)).toBeNull();
    expect(cleanRegions(square(10))).toEqual({ mask: square(10), changed: false });
  });

  it("removes small components and fills small holes", () => {
    const dirty = square(12);
    dirty.data[5 * 20 + 5] = 0;
    dirty.data[399] = 1;
    expect(cleanRegions(dirty)).toEqual({ mask: square(12), changed: true });
  });
});
