/**
 * Named numbers of one data set, such as `miou@1`. A metric that the data cannot tell (no large masks) is
 * absent.
 */
export type Metrics = Readonly<Record<string, number>>;

/**
 * The mean of each metric over data sets, every set weighing the same whatever its size (paper, section 7.1).
 * A set without a metric is left out of that metric's mean.
 *
 * @example
 * console.log(meanOverSets([{ miou: 0.5 }, { miou: 0.75 }])); // { miou: 0.625 }
 */
export function meanOverSets(sets: readonly Metrics[]): Metrics {
  const names = [...new Set(sets.flatMap((metrics) => Object.keys(metrics)))];
  return Object.fromEntries(
    names.map((name) => [name, mean(sets.flatMap((metrics) => metrics[name] ?? []))] as const),
  );
}

/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Leaves out metrics that could not be computed. */
export function definedMetrics(metrics: Readonly<Record<string, number>>): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}
