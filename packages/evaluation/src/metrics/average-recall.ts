import {
  AREA_RANGES,
  type AreaName,
  IOU_THRESHOLDS,
  type MatchingUnit,
  matchDetections,
} from "./coco-matching.js";

/** Numbers of proposals an image at which recall is measured. */
export const PROPOSAL_COUNTS = [10, 100, 1000] as const;

/** Truths found in one unit, for each area range, number of proposals and IoU threshold. */
export interface RecallCounts {
  readonly truthCounts: Readonly<Record<AreaName, number>>;
  /** By number of proposals, then IoU threshold (in the order of `IOU_THRESHOLDS`). */
  readonly found: Readonly<Record<AreaName, readonly (readonly number[])[]>>;
}

/**
 * Counts the truths that proposals find. The matching goes by falling score, so the matches of the first 10
 * proposals are the same however many follow.
 *
 * @example
 * const unit = {
 *   detections: [{ score: 0.9, areaPx: 100 }],
 *   truths: [{ areaPx: 100, isCrowd: false }],
 *   ious: Float64Array.of(0.72),
 * };
 * const [withTen] = countRecalled(unit).found.all;
 * console.log(withTen?.join(" ")); // 1 1 1 1 1 0 0 0 0 0
 */
export function countRecalled(unit: MatchingUnit): RecallCounts {
  const maxDetections = PROPOSAL_COUNTS.at(-1)!;
  const names = Object.keys(AREA_RANGES) as AreaName[];
  const matches = names.map((name) =>
    IOU_THRESHOLDS.map((iouThreshold) =>
      matchDetections(unit, { iouThreshold, areaRange: AREA_RANGES[name], maxDetections }),
    ),
  );
  const found = matches.map((ofArea) =>
    PROPOSAL_COUNTS.map((count) => ofArea.map(({ verdicts }) => countRight(verdicts.subarray(0, count)))),
  );
  return {
    truthCounts: byName(names, (i) => matches[i]![0]!.truthCount),
    found: byName(names, (i) => found[i]!),
  };
}

/**
 * AR@K: the mean over IoU .50:.05:.95 of the share of truths that the best K proposals an image find (Hosang
 * et al. 2015; COCO's `AR`). Keys as `ar@100` and `ar@100:small`; NaN where no truth has that size.
 *
 * @param weights how often each unit counts
 *
 * @example
 * const unit = {
 *   detections: [{ score: 0.9, areaPx: 100 }],
 *   truths: [{ areaPx: 100, isCrowd: false }],
 *   ious: Float64Array.of(0.72),
 * };
 * console.log(averageRecalls([countRecalled(unit)], [1])["ar@10"]); // 0.5
 */
export function averageRecalls(
  units: readonly RecallCounts[],
  weights: readonly number[],
): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const name of Object.keys(AREA_RANGES) as AreaName[]) {
    const truths = sum(units, weights, ({ truthCounts }) => truthCounts[name]);
    PROPOSAL_COUNTS.forEach((count, i) => {
      const found = sum(units, weights, (unit) => unit.found[name][i]!.reduce((a, b) => a + b, 0));
      metrics[`ar@${count}${name === "all" ? "" : `:${name}`}`] = found / (truths * IOU_THRESHOLDS.length);
    });
  }
  return metrics;
}

/**
 * The share of truths found at each IoU threshold by the best `PROPOSAL_COUNTS[count]` proposals, for a
 * curve.
 */
export function recallsByIou(units: readonly RecallCounts[], count: number): number[] {
  const ones = units.map(() => 1);
  const truths = sum(units, ones, ({ truthCounts }) => truthCounts.all);
  return IOU_THRESHOLDS.map((_, i) => sum(units, ones, ({ found }) => found.all[count]![i]!) / truths);
}

function countRight(verdicts: Int8Array): number {
  return verdicts.reduce((count, verdict) => count + (verdict === 1 ? 1 : 0), 0);
}

function byName<T>(names: readonly AreaName[], value: (index: number) => T): Record<AreaName, T> {
  return Object.fromEntries(names.map((name, i) => [name, value(i)])) as Record<AreaName, T>;
}

function sum(
  units: readonly RecallCounts[],
  weights: readonly number[],
  value: (unit: RecallCounts) => number,
): number {
  return units.reduce((total, unit, i) => total + weights[i]! * value(unit), 0);
}
