const FIRST_DELAY_MS = 5000;
const MAX_DELAY_MS = 10 * 60_000;

/**
 * Milliseconds from a failed attempt to the next one: 5 seconds, then twice as long each time, at most 10
 * minutes.
 *
 * @param attempt number of the attempt that failed, from 1
 */
export function retryDelayMs(attempt: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
}
