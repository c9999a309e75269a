/** A mask with the confidence that it is good, and whether it is. */
export interface Judged {
  readonly confidence: number;
  readonly good: boolean;
}

const BINS = 10;

/**
 * Expected calibration error (Guo et al. 2017, equation 3): the mean distance between confidence and the
 * share of good ones, over ten bins of equal width, each weighed by its size.
 */
export function calibrationError(judged: readonly Judged[]): number {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, good: 0 }));
  for (const { confidence, good } of judged) {
    const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))]!;
    bin.count++;
    bin.confidence += confidence;
    if (good) bin.good++;
  }
  const total = bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.good), 0);
  return judged.length === 0 ? 0 : total / judged.length;
}

/** @returns the share of good ones from the threshold on; null if there are none */
export function precisionAt(judged: readonly Judged[], threshold: number): number | null {
  const kept = judged.filter(({ confidence }) => confidence >= threshold);
  return kept.length === 0 ? null : kept.filter(({ good }) => good).length / kept.length;
}

/**
 * The lowest confidence from which on at least the given share is good.
 *
 * @returns null if there is none: then nothing is confident enough
 */
export function thresholdFor(judged: readonly Judged[], precision: number): number | null {
  const sorted = judged.toSorted((a, b) => b.confidence - a.confidence);
  let good = 0;
  let threshold: number | null = null;
  sorted.forEach((each, i) => {
    if (each.good) good++;
    const isLastOfEqual = sorted[i + 1]?.confidence !== each.confidence;
    if (isLastOfEqual && good / (i + 1) >= precision) threshold = each.confidence;
  });
  return threshold;
}
