import { definedMetrics, type Metrics, meanOverSets } from "./metrics.js";
import { createRandom } from "./random.js";

/** The middle 95 % of a metric's bootstrap distribution. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** An interval for each metric that could be computed in at least one resample. */
export type Intervals = Readonly<Record<string, Interval>>;

/**
 * Metrics of units (images) that count as often as their weights say; all weights 1 gives the metric itself.
 */
export type WeightedStatistic = (weights: readonly number[]) => Readonly<Record<string, number>>;

/**
 * Metrics of resampled data sets: as many units as there are, drawn with replacement (Efron's bootstrap). The
 * unit is the image, not the mask: masks of one image are not independent.
 *
 * @param units number of units
 * @param rounds how often to resample
 * @returns one set of metrics a round
 *
 * @example
 * const values = [1, 2, 3];
 * const mean = (weights: readonly number[]) => ({
 *   mean: values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / 3,
 * });
 * console.log(bootstrap(3, mean, { rounds: 100, seed: 1 }).length); // 100
 */
export function bootstrap(
  units: number,
  statistic: WeightedStatistic,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): Metrics[] {
  const random = createRandom(seed);
  return Array.from({ length: rounds }, () => {
    const weights = new Array<number>(units).fill(0);
    for (let i = 0; i < units; i++) weights[Math.floor(random() * units)]!++;
    return definedMetrics(statistic(weights));
  });
}

/**
 * The 2.5 % and 97.5 % quantiles of each metric over the rounds, linear between neighbours.
 *
 * @example
 * const samples = [{ iou: 0.5 }, { iou: 0.6 }, { iou: 0.7 }];
 * console.log(percentileIntervals(samples).iou); // { low: 0.505, high: 0.695 }
 */
export function percentileIntervals(samples: readonly Metrics[]): Intervals {
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = Float64Array.from(samples.flatMap((sample) => sample[name] ?? [])).sort();
      return [name, { low: quantile(values, 0.025), high: quantile(values, 0.975) }] as const;
    }),
  );
}

/** Resamples of the mean over sets: the sets' own resamples, round by round. */
export function meanSamples(sets: readonly (readonly Metrics[])[]): Metrics[] {
  const rounds = Math.min(...sets.map((samples) => samples.length));
  return Array.from({ length: rounds }, (_, round) => meanOverSets(sets.map((samples) => samples[round]!)));
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
