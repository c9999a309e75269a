import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { averagePrecision, precisionRecallCurve, rankMatches } from "./average-precision.js";
import type { UnitMatches } from "./coco-matching.js";

function matches(scores: readonly number[], verdicts: readonly number[], truthCount: number): UnitMatches {
  return { scores, verdicts: Int8Array.from(verdicts), truthCount };
}

describe("averagePrecision", () => {
  it("is 1 when all truths are found and nothing else", () => {
    expect(averagePrecision(rankMatches([matches([0.9, 0.8], [1, 1], 2)]))).toBe(1);
  });

  it("samples the best precision at 101 recalls", () => {
    // Right, wrong, right of 2 truths: precision 1 up to recall .5 (51 points), then 2/3 up to 1 (50 points).
    const ranked = rankMatches([matches([0.9, 0.8, 0.7], [1, 0, 1], 2)]);
    expect(averagePrecision(ranked)).toBeCloseTo((51 + 50 * (2 / 3)) / 101, 12);
  });

  it("gives nothing for recalls that are never reached", () => {
    expect(averagePrecision(rankMatches([matches([0.9], [1], 4)]))).toBeCloseTo(26 / 101, 12);
  });

  it("ranks the detections of all images together, without the ignored ones", () => {
    const ranked = rankMatches([matches([0.9, 0.1], [1, -1], 1), matches([0.95], [0], 1)]);
    // Wrong, then right: precision .5 up to recall .5.
    expect(averagePrecision(ranked)).toBeCloseTo((51 * 0.5) / 101, 12);
  });

  it("is that of the images that count, whatever ranks above", () => {
    const ranked = rankMatches([matches([0.95], [0], 5), matches([0.9, 0.8], [0, 1], 2)]);
    expect(averagePrecision(ranked, [0, 1])).toBeCloseTo((51 * 0.5) / 101, 12);
    expect(averagePrecision(ranked, [0, 0])).toBeNaN();
  });

  it("has the best precision at the first recall too", () => {
    const { precisions, recalls } = precisionRecallCurve(rankMatches([matches([0.9, 0.8], [0, 1], 1)]))!;
    expect([...precisions]).toEqual([0.5, 0.5]);
    expect([...recalls]).toEqual([0, 1]);
  });

  it("is not defined without truths", () => {
    expect(averagePrecision(rankMatches([matches([0.9], [0], 0)]))).toBeNaN();
  });

  it("counts an image of weight 2 as if it were there twice", () => {
    const unit = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(-1, 0, 1)), { maxLength: 6 })
      .map((list) => {
        const sorted = [...list].sort((a, b) => b[0] - a[0]);
        return matches(
          sorted.map(([score]) => score),
          sorted.map(([, verdict]) => verdict),
          sorted.filter(([, verdict]) => verdict === 1).length + 1,
        );
      });
    fc.assert(
      fc.property(unit, unit, (a, b) => {
        // Copies share their scores, so the order within ties doesn't matter when a score's verdicts are one.
        const tied = new Set([...a.scores, ...b.scores]).size < a.scores.length + b.scores.length;
        fc.pre(!tied);
        const doubled = averagePrecision(rankMatches([a, b]), [2, 1]);
        expect(doubled).toBeGreaterThanOrEqual(0);
        const copied = averagePrecision(rankMatches([a, a, b]));
        expect(doubled).toBeCloseTo(copied, 10);
      }),
    );
  });
});
