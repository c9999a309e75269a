import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxIou } from "./boxes.js";
import type { BoxXyxy } from "./frames.js";
import { nonMaximumSuppression } from "./nms.js";

const boxArbitrary: fc.Arbitrary<BoxXyxy> = fc
  .tuple(fc.nat(20), fc.nat(20), fc.nat(12), fc.nat(12))
  .map(([x, y, width, height]) => [x, y, x + width, y + height]);

function slowSuppression(boxes: readonly BoxXyxy[], scores: readonly number[], threshold: number): number[] {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const kept: number[] = [];
  for (const i of order) if (kept.every((k) => !(boxIou(boxes[k]!, boxes[i]!) > threshold))) kept.push(i);
  return kept;
}

describe("non-maximum suppression", () => {
  it("keeps the better of two boxes that overlap by more than the threshold", () => {
    const boxes: BoxXyxy[] = [
      [0, 0, 10, 10],
      [0, 0, 10, 9],
      [20, 20, 30, 30],
    ];
    expect(nonMaximumSuppression(boxes, [0.5, 0.8, 0.6], 0.7)).toEqual([1, 2]);
    expect(nonMaximumSuppression(Float32Array.from(boxes.flat()), [0.5, 0.8, 0.6], 0.95)).toEqual([1, 2, 0]);
  });

  it("keeps a box that overlaps by just the threshold", () => {
    const boxes: BoxXyxy[] = [
      [0, 0, 10, 10],
      [0, 0, 10, 5],
    ];
    expect(nonMaximumSuppression(boxes, [1, 0.5], 0.5)).toEqual([0, 1]);
  });

  it("takes equal scores in the order given, and NaN first", () => {
    const boxes: BoxXyxy[] = [
      [0, 0, 10, 10],
      [0, 0, 10, 10],
      [50, 0, 60, 10],
      [80, 0, 90, 10],
    ];
    expect(nonMaximumSuppression(boxes, [0.5, 0.5, Number.POSITIVE_INFINITY, Number.NaN], 0.7)).toEqual([
      3, 2, 0,
    ]);
  });

  it("rounds IoU to 32 bits, as torchvision does", () => {
    // 0.6 in 32 bits is above 0.6 in 64 bits.
    const boxes: BoxXyxy[] = [
      [0, 0, 10, 10],
      [0, 0, 10, 6],
    ];
    expect(nonMaximumSuppression(boxes, [1, 0.5], 0.6)).toEqual([0]);
  });

  it("never suppresses boxes without area", () => {
    const boxes: BoxXyxy[] = [
      [5, 5, 5, 5],
      [5, 5, 5, 5],
    ];
    expect(nonMaximumSuppression(boxes, [1, 1], 0)).toEqual([0, 1]);
  });

  it("gives what comparing every pair gives", () => {
    const boxes = fc.array(fc.tuple(boxArbitrary, fc.integer({ min: 0, max: 5 })), { maxLength: 40 });
    fc.assert(
      fc.property(boxes, fc.constantFrom(0, 0.25, 0.51, 0.77), (list, threshold) => {
        const [shapes, scores] = [list.map(([box]) => box), list.map(([, score]) => score)];
        expect(nonMaximumSuppression(shapes, scores, threshold)).toEqual(
          slowSuppression(shapes, scores, threshold),
        );
      }),
    );
  });

  it("gives the same whether refused boxes are asked about or left out from the start", () => {
    const boxes = fc.array(fc.tuple(boxArbitrary, fc.integer({ min: 0, max: 5 }), fc.boolean()), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(boxes, fc.constantFrom(0, 0.25, 0.51), (list, threshold) => {
        const good = list.flatMap(([, , isGood], i) => (isGood ? [i] : []));
        const expected = nonMaximumSuppression(
          good.map((i) => list[i]![0]),
          good.map((i) => list[i]![1]),
          threshold,
        ).map((i) => good[i]!);
        const actual = nonMaximumSuppression(
          list.map(([box]) => box),
          list.map(([, score]) => score),
          threshold,
          (i) => list[i]![2],
        );
        expect(actual).toEqual(expected);
      }),
    );
  });

  it("wants a score for each box", () => {
    expect(() => nonMaximumSuppression([[0, 0, 1, 1]], [1, 2], 0.5)).toThrow(
      /2 scores were given for 1 boxes/,
    );
  });
});
