/** Earlier estimates would be guesses. */
const LEAST_MS = 3000;

/**
 * Estimates the remaining time of work as text, for example "about 4 min left".
 *
 * @param now a monotonic clock, milliseconds
 * @returns a function to call with the completed share of the work, 0..1, first when the work starts; it
 *   returns undefined while it is too early
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
