import type { EdgeCounts } from "./count-matches.js";

/** Precision and recall at each threshold, thresholds rising. */
export interface EdgeCurve {
  readonly precisions: readonly number[];
  readonly recalls: readonly number[];
}

/**
 * The Berkeley benchmark's numbers over images: `ods` (best F-measure at one threshold for all), `ois` (each
 * image at its own best), `ap_edge` (area under the precision-recall curve) and `r50` (recall at precision
 * .5).
 *
 * @param weights how often each image counts; once by default
 *
 * @example
 * const counts = {
 *   edges: [4, 2],
 *   matchedEdges: [2, 2],
 *   boundaries: [4, 4],
 *   matchedBoundaries: [2, 2],
 * };
 * console.log(edgeMetrics([counts]).ods); // 0.6666666666666666
 */
export function edgeMetrics(
  images: readonly EdgeCounts[],
  weights?: readonly number[],
): Record<string, number> {
  const curve = edgeCurve(images, weights);
  return {
    ods: bestF(curve),
    ois: optimalImageF(images, weights),
    ap_edge: curveArea(curve),
    r50: recallAtPrecision(curve, 0.5),
  };
}

/** The curve of all images together: counts are added before dividing. */
export function edgeCurve(images: readonly EdgeCounts[], weights?: readonly number[]): EdgeCurve {
  const thresholds = images[0]?.edges.length ?? 0;
  const sums = { edges: 0, matchedEdges: 0, boundaries: 0, matchedBoundaries: 0 };
  const precisions: number[] = [];
  const recalls: number[] = [];
  for (let t = 0; t < thresholds; t++) {
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) {
      sums[key] = images.reduce((sum, counts, i) => sum + (weights?.[i] ?? 1) * counts[key][t]!, 0);
    }
    precisions.push(ratio(sums.matchedEdges, sums.edges));
    recalls.push(ratio(sums.matchedBoundaries, sums.boundaries));
  }
  return { precisions, recalls };
}

/**
 * The F-measure, the harmonic mean of both; 0 when both are 0.
 *
 * @example
 * console.log(fMeasure(0.5, 1)); // 0.6666666666666666
 */
export function fMeasure(precision: number, recall: number): number {
  return ratio(2 * precision * recall, precision + recall);
}

/**
 * The best F-measure on the curve, straight lines between thresholds included as in the benchmark (100 steps
 * each).
 */
export function bestF({ precisions, recalls }: EdgeCurve): number {
  let best = fMeasure(precisions[0] ?? 0, recalls[0] ?? 0);
  for (let t = 1; t < precisions.length; t++) {
    for (let step = 0; step < 100; step++) {
      const share = step / 99;
      const precision = precisions[t]! * share + precisions[t - 1]! * (1 - share);
      const recall = recalls[t]! * share + recalls[t - 1]! * (1 - share);
      best = Math.max(best, fMeasure(precision, recall));
    }
  }
  return best;
}

function optimalImageF(images: readonly EdgeCounts[], weights?: readonly number[]): number {
  const sums = { edges: 0, matchedEdges: 0, boundaries: 0, matchedBoundaries: 0 };
  images.forEach((counts, i) => {
    const t = bestThreshold(counts);
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) {
      sums[key] += (weights?.[i] ?? 1) * counts[key][t]!;
    }
  });
  return fMeasure(ratio(sums.matchedEdges, sums.edges), ratio(sums.matchedBoundaries, sums.boundaries));
}

/** The threshold at which an image's F-measure is largest; of equal ones the highest, as in the benchmark. */
export function bestThreshold({ edges, matchedEdges, boundaries, matchedBoundaries }: EdgeCounts): number {
  let best = 0;
  let bestValue = -1;
  for (let t = 0; t < edges.length; t++) {
    const precision = ratio(matchedEdges[t]!, edges[t]!);
    const value = fMeasure(precision, ratio(matchedBoundaries[t]!, boundaries[t]!));
    if (value < bestValue) continue;
    best = t;
    bestValue = value;
  }
  return best;
}

/**
 * The mean over recalls 0, .01, … 1 of the precision there, linear between points; 0 beyond the curve's ends.
 */
function curveArea(curve: EdgeCurve): number {
  const points = uniqueBy(curve.recalls, curve.precisions);
  if (points.length < 2) return 0;
  const sum = Array.from({ length: 101 }, (_, i) => interpolate(points, i / 100) ?? 0).reduce(
    (a, b) => a + b,
    0,
  );
  return sum / 101;
}

function recallAtPrecision(curve: EdgeCurve, precision: number): number {
  const points = uniqueBy(curve.precisions, curve.recalls);
  if (points.length === 0) return Number.NaN;
  return interpolate(points, Math.max(precision, points[0]!.x)) ?? 0;
}

interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** Points by rising x; of equal x the one with the largest y. */
function uniqueBy(xs: readonly number[], ys: readonly number[]): CurvePoint[] {
  const largest = new Map<number, number>();
  xs.forEach((x, i) => {
    largest.set(x, Math.max(largest.get(x) ?? 0, ys[i]!));
  });
  return [...largest].map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
}

function interpolate(points: readonly CurvePoint[], x: number): number | undefined {
  const after = points.findIndex((point) => point.x >= x);
  if (after === -1) return undefined;
  const right = points[after]!;
  if (right.x === x) return right.y;
  const left = points[after - 1];
  if (!left) return undefined;
  return left.y + ((x - left.x) / (right.x - left.x)) * (right.y - left.y);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
