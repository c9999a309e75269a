/** Counts in classes of equal width. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  /** From low to high, each class including its lower bound, the last one both. */
  readonly counts: readonly number[];
  readonly mean: number;
}

/** A histogram that is being filled. */
export interface HistogramBuilder {
  /** Values beyond the bounds count in the first or last class. */
  add(value: number): void;
  build(): Histogram;
}

/** Begins an empty histogram. */
export function createHistogram(low: number, high: number, classes: number): HistogramBuilder {
  const counts = new Array<number>(classes).fill(0);
  let sum = 0;
  let total = 0;
  return {
    add(value) {
      const place = Math.floor(((value - low) / (high - low)) * classes);
      counts[Math.min(classes - 1, Math.max(0, place))]! += 1;
      sum += value;
      total++;
    },
    build: () => ({ low, high, counts, mean: total === 0 ? 0 : sum / total }),
  };
}

/**
 * The value below which a share of all lies, to within a class; values in a class count as spread evenly.
 *
 * @param share 0..1
 *
 * @example
 * console.log(quantileOf({ low: 0, high: 10, counts: [1, 1], mean: 5 }, 0.5)); // 5
 */
export function quantileOf({ low, high, counts }: Histogram, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const width = (high - low) / counts.length;
  let left = share * total;
  for (const [i, count] of counts.entries()) {
    if (count > 0 && left <= count) return low + (i + left / count) * width;
    left -= count;
  }
  return total === 0 ? low : high;
}
