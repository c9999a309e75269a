import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interiorPoint, nextClick } from "./clicks.js";
import { distanceTransform, noOutside, squaredDistances } from "./distance.js";
import { decodeRle } from "./rle.js";
import { readFixture } from "./testing/fixtures.js";
import { maskArbitrary, maskOf, maskPairArbitrary } from "./testing/masks.js";
import { slowSquaredDistances } from "./testing/slow-masks.js";
import type { Mask, Rle } from "./types.js";

const { cases } = readFixture<{ cases: { mask: Rle; squaredDistances?: number[] }[] }>("masks/regions.json");
const full = maskOf(["11111", "11111", "11111"]);

/** The first deepest pixel in row order, by trying all. */
function slowDeepest(mask: Mask, borderIsOutside: boolean): { point: number[]; depth: number } {
  const distances = slowSquaredDistances(mask, borderIsOutside);
  const depth = Math.max(...distances);
  const at = distances.indexOf(depth);
  return { point: [at % mask.width, Math.floor(at / mask.width)], depth };
}

describe("the distance transform", () => {
  it("runs to the image's border, or not", () => {
    expect([...squaredDistances(full)]).toEqual([1, 1, 1, 1, 1, 1, 4, 4, 4, 1, 1, 1, 1, 1, 1]);
    const corner = maskOf(["011", "111"]);
    expect([...squaredDistances(corner, { borderIsOutside: false })]).toEqual([0, 1, 4, 1, 2, 5]);
    expect([...distanceTransform(corner, { borderIsOutside: false })]).toEqual(
      [0, 1, 2, 1, Math.SQRT2, Math.sqrt(5)].map(Math.fround),
    );
  });

  it("has no distance where nothing is outside", () => {
    expect(new Set(squaredDistances(full, { borderIsOutside: false }))).toEqual(new Set([noOutside]));
    expect(new Set(distanceTransform(full, { borderIsOutside: false }))).toEqual(new Set([Infinity]));
  });

  it("is exact: what trying every pair of pixels gives", () => {
    fc.assert(
      fc.property(maskArbitrary, fc.boolean(), (mask, borderIsOutside) => {
        expect([...squaredDistances(mask, { borderIsOutside })]).toEqual(
          slowSquaredDistances(mask, borderIsOutside),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with SciPy's", () => {
    for (const { mask, squaredDistances: golden } of cases) {
      if (golden) expect([...squaredDistances(decodeRle(mask))]).toEqual(golden);
    }
  });
});

describe("clicks", () => {
  it("start at the pixel farthest from the boundary, the first of several", () => {
    expect(interiorPoint(full)).toEqual([1, 1]);
    expect(interiorPoint(maskOf(["00", "00"]))).toBeNull();
    expect(interiorPoint(maskOf(["0111", "1111"]), { borderIsOutside: false })).toEqual([3, 1]);
    expect(interiorPoint(maskOf(["000", "000", "111", "111", "111"]))).toEqual([1, 3]);
  });

  it("lie at the first deepest pixel, wherever the mask is in its image", () => {
    fc.assert(
      fc.property(maskArbitrary, fc.boolean(), (mask, borderIsOutside) => {
        fc.pre(mask.data.includes(1));
        expect(interiorPoint(mask, { borderIsOutside })).toEqual(slowDeepest(mask, borderIsOutside).point);
      }),
    );
  });

  it("correct the deeper error: missed pixels get label 1, wrong ones 0", () => {
    const target = maskOf(["1110000", "1110000", "1110000"]);
    const nothing = maskOf(["0000000", "0000000", "0000000"]);
    const right = maskOf(["0000011", "0000011", "0000011"]);
    expect(nextClick(nothing, target)).toEqual({ point: [1, 1], label: 1 });
    expect(nextClick(target, nothing)).toEqual({ point: [1, 1], label: 0 });
    expect(nextClick(right, target)).toEqual({ point: [1, 1], label: 1 });
    expect(nextClick(target, right)).toEqual({ point: [1, 1], label: 0 });
    expect(nextClick(target, target)).toBeNull();
  });

  it("take equally deep errors for wrong pixels, and leave out ignored ones", () => {
    const [left, right] = [maskOf(["100"]), maskOf(["001"])];
    expect(nextClick(left, right)).toEqual({ point: [0, 0], label: 0 });
    expect(nextClick(left, right, { ignore: left })).toEqual({ point: [2, 0], label: 1 });
    expect(nextClick(left, right, { ignore: maskOf(["111"]) })).toBeNull();
  });

  it("choose between the errors as trying every pixel does", () => {
    fc.assert(
      fc.property(maskPairArbitrary, ([prediction, target]) => {
        const missed = { ...target, data: target.data.map((pixel, i) => pixel & (1 - prediction.data[i]!)) };
        const wrong = { ...target, data: prediction.data.map((pixel, i) => pixel & (1 - target.data[i]!)) };
        const [miss, excess] = [slowDeepest(missed, true), slowDeepest(wrong, true)];
        const positive = miss.depth > excess.depth;
        const expected = { point: positive ? miss.point : excess.point, label: positive ? 1 : 0 };
        expect(nextClick(prediction, target)).toEqual(miss.depth + excess.depth === 0 ? null : expected);
      }),
    );
  });

  it("need masks of one image", () => {
    expect(() => nextClick(full, maskOf(["1"]))).toThrow(/different sizes, 5x3 and 1x1/);
    expect(() => nextClick(full, full, { ignore: maskOf(["1"]) })).toThrow(/different sizes, 1x1 and 5x3/);
  });
});
