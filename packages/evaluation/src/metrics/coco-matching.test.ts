import { describe, expect, it } from "vitest";
import { AREA_RANGES, IOU_THRESHOLDS, type MatchingUnit, matchDetections } from "./coco-matching.js";

function unit(
  detections: readonly (readonly [score: number, areaPx: number])[],
  truths: readonly (readonly [areaPx: number, isCrowd?: boolean])[],
  ious: readonly number[],
): MatchingUnit {
  return {
    detections: detections.map(([score, areaPx]) => ({ score, areaPx })),
    truths: truths.map(([areaPx, isCrowd = false]) => ({ areaPx, isCrowd })),
    ious: Float64Array.from(ious),
  };
}

describe("matchDetections", () => {
  it("lets the better-rated detection choose first, and each truth be taken once", () => {
    const both = unit(
      [
        [0.5, 10],
        [0.9, 10],
      ],
      [[10], [10]],
      [0.9, 0.6, 0.8, 0.7],
    );
    const { scores, verdicts } = matchDetections(both, { iouThreshold: 0.5 });
    expect(scores).toEqual([0.9, 0.5]);
    expect([...verdicts]).toEqual([1, 1]); // 0.9 takes the first truth (.8), 0.5 is left the second (.6)
    expect([...matchDetections(both, { iouThreshold: 0.65 }).verdicts]).toEqual([1, 0]);
  });

  it("accepts an IoU that equals the threshold", () => {
    expect([...matchDetections(unit([[1, 4]], [[4]], [0.5]), { iouThreshold: 0.5 }).verdicts]).toEqual([1]);
    expect([...matchDetections(unit([[1, 4]], [[4]], [1]), { iouThreshold: 1 }).verdicts]).toEqual([1]);
  });

  it("ignores any number of detections inside a crowd, but prefers a truth that counts", () => {
    const crowded = unit(
      [
        [0.9, 10],
        [0.8, 10],
        [0.7, 10],
      ],
      [[500, true], [10]],
      [1, 0.6, 1, 0, 1, 0],
    );
    const { verdicts, truthCount } = matchDetections(crowded, { iouThreshold: 0.5 });
    expect([...verdicts]).toEqual([1, -1, -1]);
    expect(truthCount).toBe(1);
  });

  it("ignores truths outside the area range, what matches them, and unmatched detections out of range", () => {
    const sizes = unit(
      [
        [0.9, 5000],
        [0.8, 20_000],
        [0.7, 500],
      ],
      [[5000], [20_000]],
      [0.9, 0, 0, 0.9, 0, 0],
    );
    const { verdicts, truthCount } = matchDetections(sizes, {
      iouThreshold: 0.5,
      areaRange: AREA_RANGES.medium,
    });
    expect([...verdicts]).toEqual([1, -1, -1]);
    expect(truthCount).toBe(1);
  });

  it("looks at no more detections than asked, the best ones", () => {
    const many = unit(
      [
        [0.1, 4],
        [0.9, 4],
      ],
      [[4]],
      [1, 0],
    );
    const { scores, verdicts } = matchDetections(many, { iouThreshold: 0.5, maxDetections: 1 });
    expect(scores).toEqual([0.9]);
    expect([...verdicts]).toEqual([0]);
  });

  it("has COCO's ten thresholds", () => {
    expect(IOU_THRESHOLDS).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]);
  });
});
