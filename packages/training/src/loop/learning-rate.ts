/** How the learning rate can fall. */
export const SCHEDULES = ["cosine", "step", "constant"] as const;

/** How the learning rate changes over a run. */
export interface LearningRateSettings {
  readonly learningRate: number;
  /** All steps of the run. */
  readonly steps: number;
  /** Steps over which it rises from 0. */
  readonly warmup: number;
  /**
   * `cosine`: falls to 0 at the end; `step`: a tenth from two thirds of the steps on, a hundredth at the
   * last 4 % (paper, appendix A).
   */
  readonly schedule: (typeof SCHEDULES)[number];
}

/**
 * Shares of a run after which the paper's learning rate falls to a tenth: 60,000 and 86,666 of 90,000 steps.
 */
const FALLS = [60_000 / 90_000, 86_666 / 90_000];

/** The learning rate of a step, counted from 0. */
export function learningRateAt(
  step: number,
  { learningRate, steps, warmup, schedule }: LearningRateSettings,
): number {
  const rising = Math.min(1, (step + 1) / (warmup + 1));
  const share = step / steps;
  switch (schedule) {
    case "constant":
      return learningRate * rising;
    case "cosine":
      return (learningRate * rising * (1 + Math.cos(Math.PI * share))) / 2;
    case "step":
      return learningRate * rising * 0.1 ** FALLS.filter((fall) => share >= fall).length;
  }
}
