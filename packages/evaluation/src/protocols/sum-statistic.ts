import type { WeightedStatistic } from "../metrics/bootstrap.js";

/** Values of each metric, one a mask, of one image. */
export type ImageValues = Readonly<Record<string, readonly number[]>>;

/** The mean of each metric over all masks of a set, by the images' weights. */
export function meanOverMasks(images: readonly ImageValues[]): WeightedStatistic {
  const names = [...new Set(images.flatMap((values) => Object.keys(values)))];
  const sums = names.map((name) =>
    images.map((values) => (values[name] ?? []).reduce((sum, value) => sum + value, 0)),
  );
  const counts = names.map((name) => images.map((values) => values[name]?.length ?? 0));
  return (weights) =>
    Object.fromEntries(
      names.map((name, i) => [name, dot(sums[i]!, weights) / dot(counts[i]!, weights)] as const),
    );
}

function dot(values: readonly number[], weights: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
}
