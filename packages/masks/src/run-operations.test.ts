import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskToRuns, runsToMask } from "./dense-runs.js";
import { maskArea, maskIou } from "./iou.js";
import { decodeRle } from "./rle.js";
import { iouOfRuns, sharedAreaOfRuns } from "./run-iou.js";
import { areaOfRuns, boxOfRuns, sameRuns } from "./run-measures.js";
import {
  cropRuns,
  intersectRuns,
  invertRuns,
  placeRuns,
  subtractRuns,
  uniteRuns,
  xorRuns,
} from "./run-operations.js";
import { emptyRuns } from "./runs.js";
import { maskArbitrary, maskOf, maskPairArbitrary, noiseMask } from "./testing/masks.js";
import type { Mask, MaskRuns } from "./types.js";

const runsOf = (rows: readonly string[]) => maskToRuns(maskOf(rows));

/** The same mask with runs cut in two by empty ones, and one more at the end. */
function divided({ width, height, counts }: MaskRuns): MaskRuns {
  const pieces = [...counts].flatMap((count) => (count > 1 ? [1, 0, count - 1] : [count]));
  return { width, height, counts: Uint32Array.from([...pieces, 0]) };
}

function combined(a: Mask, b: Mask, rule: (inA: number, inB: number) => number): MaskRuns {
  return maskToRuns({ ...a, data: a.data.map((pixel, i) => rule(pixel, b.data[i]!)) });
}

describe("masks as runs", () => {
  it("are united, intersected, subtracted and inverted as their pixels are, whatever empty runs there are", () => {
    fc.assert(
      fc.property(maskPairArbitrary, fc.boolean(), (pair, isDivided) => {
        const [a, b] = pair.map(maskToRuns).map((runs) => (isDivided ? divided(runs) : runs));
        expect(uniteRuns(a!, b!)).toEqual(combined(...pair, (inA, inB) => inA | inB));
        expect(intersectRuns(a!, b!)).toEqual(combined(...pair, (inA, inB) => inA & inB));
        expect(subtractRuns(a!, b!)).toEqual(combined(...pair, (inA, inB) => inA & (1 - inB)));
        expect(xorRuns(a!, b!)).toEqual(combined(...pair, (inA, inB) => inA ^ inB));
        expect(runsToMask(invertRuns(a!)).data).toEqual(pair[0].data.map((pixel) => 1 - pixel));
        expect(sharedAreaOfRuns(a!, b!)).toBe(areaOfRuns(intersectRuns(a!, b!)));
        expect(iouOfRuns([a!], [b!])[0]).toBe(maskIou(...pair));
        expect(areaOfRuns(a!)).toBe(maskArea(pair[0]));
      }),
    );
  });

  it("are inverted however many runs there are, and leave what they were made of alone", () => {
    const noise = maskToRuns(noiseMask(1200, 900, 0.5));
    const before = noise.counts.slice();
    const inverted = invertRuns(noise);
    expect(areaOfRuns(inverted)).toBe(1200 * 900 - areaOfRuns(noise));
    expect(sameRuns(invertRuns(inverted), noise)).toBe(true);
    expect(noise.counts).toEqual(before);
  });

  it("are inverted between nothing and everything", () => {
    const size = { width: 3, height: 2 };
    const everything = invertRuns(emptyRuns(size));
    expect(everything).toEqual({ ...size, counts: Uint32Array.of(0, 6) });
    expect(invertRuns(everything)).toEqual(emptyRuns(size));
  });

  it("crop and place by whole pixels", () => {
    const whole = runsOf(["0110", "0111", "0001"]);
    const part = cropRuns(whole, [1, 1, 3, 2]);
    expect(part).toEqual(runsOf(["111", "001"]));
    expect(placeRuns(part, 0, 1, whole)).toEqual(runsOf(["0000", "1110", "0010"]));
    expect(() => cropRuns(whole, [2, 0, 3, 3])).toThrow(/inside the 4x3 image/);
    expect(() => placeRuns(whole, 0.5, 0, { width: 9, height: 9 })).toThrow(/x 0.5/);
  });

  it("are the same when they have the same runs and size", () => {
    const mask = runsOf(["01", "11"]);
    expect(sameRuns(mask, runsOf(["01", "11"]))).toBe(true);
    expect(sameRuns(mask, runsOf(["11", "11"]))).toBe(false);
    expect(sameRuns(mask, runsOf(["01", "10"]))).toBe(false);
    expect(sameRuns(runsOf(["1111"]), runsOf(["11", "11"]))).toBe(false);
    expect(sameRuns(runsOf(["1", "1"]), runsOf(["11"]))).toBe(false);
  });

  it("are refused together when they are of different images", () => {
    const [a, b] = [runsOf(["01"]), runsOf(["0", "1"])];
    for (const operation of [uniteRuns, intersectRuns, subtractRuns, xorRuns, sharedAreaOfRuns]) {
      expect(() => operation(a, b)).toThrow(/\[1, 2\] and \[2, 1\]; bring them to one image/);
    }
    expect(() => iouOfRuns([a], [b])).toThrow(expect.objectContaining({ code: "rle-invalid" }));
  });

  it("have the box of their pixels, and none when they are empty", () => {
    fc.assert(
      fc.property(maskArbitrary, (mask) => {
        const columns = [...mask.data.keys()].filter((i) => mask.data[i] === 1).map((i) => i % mask.width);
        const rows = [...mask.data.keys()]
          .filter((i) => mask.data[i] === 1)
          .map((i) => Math.floor(i / mask.width));
        const [left, top] = [Math.min(...columns), Math.min(...rows)];
        const expected =
          columns.length === 0
            ? [0, 0, 0, 0]
            : [left, top, Math.max(...columns) - left + 1, Math.max(...rows) - top + 1];
        expect(boxOfRuns(maskToRuns(mask))).toEqual(expected);
        expect(boxOfRuns(divided(maskToRuns(mask)))).toEqual(expected);
      }),
    );
  });

  it("of an image without pixels are empty", () => {
    const none = emptyRuns({ width: 0, height: 5 });
    expect(runsToMask(none).data).toHaveLength(0);
    expect(decodeRle({ size: [5, 0], counts: "0" })).toEqual(runsToMask(none));
    expect(runsToMask(invertRuns(none)).data).toHaveLength(0);
    expect(boxOfRuns(none)).toEqual([0, 0, 0, 0]);
  });
});
