import { SamError } from "@segany/masks";

/** The error for calls after `close`. */
export function closedError(): SamError {
  return new SamError("inference-failed", "The model was closed; load it again.");
}
