import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AREA_RANGES,
  type AreaRange,
  IOU_THRESHOLDS,
  type MatchingUnit,
  matchDetections,
} from "./coco-matching.js";

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

const areaPx = fc.constantFrom(10, 900, 1024, 5000, 9216, 20_000);
const anyUnit: fc.Arbitrary<MatchingUnit> = fc
  .record({
    detections: fc.array(fc.record({ areaPx, score: fc.constantFrom(0.1, 0.4, 0.4, 0.9) }), { maxLength: 8 }),
    truths: fc.array(fc.record({ areaPx, isCrowd: fc.boolean() }), { maxLength: 6 }),
  })
  .chain(({ detections, truths }) => {
    const count = detections.length * truths.length;
    return fc
      .array(fc.constantFrom(0, 0.3, 0.5, 0.55, 0.7, 0.7, 1), { minLength: count, maxLength: count })
      .map((ious) => ({ detections, truths, ious: Float64Array.from(ious) }));
  });

/** `COCOeval.evaluateImg` statement by statement, for one threshold and range. */
function evaluateImg(
  { detections, truths, ious }: MatchingUnit,
  iouThreshold: number,
  { min, max }: AreaRange,
): { verdicts: number[]; truthCount: number } {
  const isOutside = (area: number) => area < min || area > max;
  const gtIgnore = truths.map((truth) => (truth.isCrowd || isOutside(truth.areaPx) ? 1 : 0));
  const gtOrder = [...truths.keys()].sort((a, b) => gtIgnore[a]! - gtIgnore[b]! || a - b);
  const dtOrder = [...detections.keys()].sort((a, b) => detections[b]!.score - detections[a]!.score || a - b);
  const gtMatches = truths.map(() => 0);
  const verdicts = dtOrder.map((d) => {
    let iou = Math.min(iouThreshold, 1 - 1e-10);
    let m = -1;
    for (const g of gtOrder) {
      if (gtMatches[g]! > 0 && !truths[g]!.isCrowd) continue;
      if (m > -1 && gtIgnore[m] === 0 && gtIgnore[g] === 1) break;
      if (ious[d * truths.length + g]! < iou) continue;
      iou = ious[d * truths.length + g]!;
      m = g;
    }
    if (m === -1) return isOutside(detections[d]!.areaPx) ? -1 : 0;
    gtMatches[m] = d + 1;
    return gtIgnore[m] ? -1 : 1;
  });
  return { verdicts, truthCount: gtIgnore.filter((ignored) => ignored === 0).length };
}

describe("matchDetections", () => {
  it("does what COCO's tools do, for any masks", () => {
    const thresholds = fc.constantFrom(...IOU_THRESHOLDS);
    const ranges = fc.constantFrom<AreaRange>(...Object.values(AREA_RANGES));
    fc.assert(
      fc.property(anyUnit, thresholds, ranges, (any, iouThreshold, areaRange) => {
        const { verdicts, truthCount } = matchDetections(any, { iouThreshold, areaRange });
        expect({ verdicts: [...verdicts], truthCount }).toEqual(evaluateImg(any, iouThreshold, areaRange));
      }),
      { numRuns: 500 },
    );
  });

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
