import { SamError } from "@segany/masks";

/** What every engine says to calls after `close`. */
export function closedError(): SamError {
  return new SamError("inference-failed", "The model was closed; load it again.");
}
