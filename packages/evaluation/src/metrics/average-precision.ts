import type { UnitMatches } from "./coco-matching.js";

/** COCO's points of recall: 0, .01, … 1. */
const RECALL_POINTS = Array.from({ length: 101 }, (_, i) => i / 100);

/** Detections of many units brought into one order, so that metrics of resampled units need no sorting. */
export interface RankedMatches {
  /** The unit of each detection, by falling score; equal scores in the order of the units. */
  readonly units: Int32Array;
  /** 1 right, 0 wrong; ignored ones are left out. */
  readonly right: Uint8Array;
  /** Truths that count, of each unit. */
  readonly truthCounts: Int32Array;
}

/**
 * Ranks the detections of all units by score.
 *
 * @example
 * const unit = { scores: [0.9, 0.4], verdicts: Int8Array.of(1, 0), truthCount: 2 };
 * console.log(rankMatches([unit]).right); // Uint8Array(2) [ 1, 0 ]
 */
export function rankMatches(units: readonly UnitMatches[]): RankedMatches {
  const entries = units.flatMap(({ scores, verdicts }, unit) =>
    scores.flatMap((score, i) => (verdicts[i] === -1 ? [] : [{ unit, score, right: verdicts[i]! }])),
  );
  entries.sort((a, b) => b.score - a.score);
  return {
    units: Int32Array.from(entries, ({ unit }) => unit),
    right: Uint8Array.from(entries, ({ right }) => right),
    truthCounts: Int32Array.from(units, ({ truthCount }) => truthCount),
  };
}

/**
 * COCO's average precision at one IoU threshold: the mean over 101 recalls of the best precision at that
 * recall or above; 0 at recalls that are never reached.
 *
 * @param weights how often each unit counts; once by default
 * @returns NaN when no truth counts
 *
 * @example
 * const ranked = {
 *   units: Int32Array.of(0, 0),
 *   right: Uint8Array.of(1, 0),
 *   truthCounts: Int32Array.of(2),
 * };
 * console.log(averagePrecision(ranked).toFixed(3)); // 0.505
 */
export function averagePrecision(ranked: RankedMatches, weights?: readonly number[]): number {
  const curve = precisionRecallCurve(ranked, weights);
  if (!curve) return Number.NaN;
  const { precisions, recalls } = curve;
  let place = 0;
  let sum = 0;
  for (const recall of RECALL_POINTS) {
    while (recalls[place]! < recall) place++;
    if (place === recalls.length) break;
    sum += precisions[place]!;
  }
  return sum / RECALL_POINTS.length;
}

/** Precision and recall after each detection by falling score. */
export interface PrecisionRecallCurve {
  /** Never rising: the best precision at this recall or above. */
  readonly precisions: Float64Array;
  readonly recalls: Float64Array;
}

/**
 * The curve behind {@link averagePrecision}; null when no truth counts.
 *
 * @example
 * const ranked = {
 *   units: Int32Array.of(0, 0),
 *   right: Uint8Array.of(1, 0),
 *   truthCounts: Int32Array.of(2),
 * };
 * console.log(precisionRecallCurve(ranked)?.recalls); // Float64Array(2) [ 0.5, 0.5 ]
 */
export function precisionRecallCurve(
  { units, right, truthCounts }: RankedMatches,
  weights?: readonly number[],
): PrecisionRecallCurve | null {
  const truths = truthCounts.reduce((sum, count, unit) => sum + count * (weights?.[unit] ?? 1), 0);
  if (truths === 0) return null;
  const precisions = new Float64Array(units.length);
  const recalls = new Float64Array(units.length);
  let hits = 0;
  let seen = 0;
  for (let i = 0; i < units.length; i++) {
    const weight = weights?.[units[i]!] ?? 1;
    hits += weight * right[i]!;
    seen += weight;
    precisions[i] = seen === 0 ? 0 : hits / seen;
    recalls[i] = hits / truths;
  }
  for (let i = precisions.length - 2; i >= 0; i--) {
    precisions[i] = Math.max(precisions[i]!, precisions[i + 1]!);
  }
  return { precisions, recalls };
}
