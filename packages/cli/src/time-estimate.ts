/** Estimates before this much time are guesses. */
const LEAST_MS = 3000;

/**
 * Tells how long work will still take, as words: "about 4 min left". Nothing while it is too early to tell.
 *
 * @param now milliseconds of a clock that never goes back
 * @returns to be called with the share of the work that is done, 0..1, the first time when it begins
 */
export function createTimeEstimate(
  now: () => number = () => performance.now(),
): (share: number) => string | undefined {
  let start: { readonly ms: number; readonly share: number } | undefined;
  return (share) => {
    start ??= { ms: now(), share };
    const elapsedMs = now() - start.ms;
    if (elapsedMs < LEAST_MS || share <= start.share || share >= 1) return undefined;
    return `about ${roundedTime((elapsedMs * (1 - share)) / (share - start.share))} left`;
  };
}

function roundedTime(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
