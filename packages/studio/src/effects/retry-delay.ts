/** When a question that failed is asked again. */

import { StudioError } from "../errors.js";
import type { AskingAgain } from "../state/types.js";

/** So often a question is asked in all. */
export const MAX_ATTEMPTS = 5;

/** Before the second attempt; twice as long before each one after. */
const FIRST_DELAY_MS = 1000;

/** Nobody looks at a spinner for longer: then it is said that there is no answer. */
const LONGEST_DELAY_MS = 60_000;

/** What went wrong only for now; null for errors that asking again does not mend. */
export function passingReason(error: unknown): AskingAgain["reason"] | null {
  if (!(error instanceof StudioError)) return null;
  switch (error.code) {
    case "too-many-requests":
    case "overloaded":
    case "starting":
    case "stopping":
      return "server-busy";
    case "server-unreachable":
      return "server-unreachable";
    default:
      return null;
  }
}

/**
 * How long to wait after a failure: at least as long as the server wants.
 *
 * @param retryAfterMs what the server said, if it did
 * @param attempt the one that failed, from 1
 * @returns milliseconds, or null when it is given up
 */
export function retryDelayMs(retryAfterMs: number | null, attempt: number): number | null {
  if (attempt >= MAX_ATTEMPTS) return null;
  const delayMs = Math.max(FIRST_DELAY_MS * 2 ** (attempt - 1), retryAfterMs ?? 0);
  return delayMs <= LONGEST_DELAY_MS ? delayMs : null;
}
