import { SamError, type SamErrorCode } from "@segany/masks";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";
import { storageFull } from "../storage-full.js";

/** The library's error codes mapped to API codes; all others are internal errors. */
const CODES: Partial<Record<SamErrorCode, ApiErrorCode>> = {
  aborted: "overloaded",
  "image-empty": "image-unreadable",
  "image-too-large": "image-too-large",
  "image-unreadable": "image-unreadable",
  "mask-invalid": "mask-invalid",
  "option-invalid": "option-invalid",
  "prompt-invalid": "prompt-invalid",
  "rle-invalid": "mask-invalid",
  "text-unavailable": "text-unavailable",
  "text-unknown": "text-unknown",
};

/**
 * Converts an error to a ServerError. The message of an internal error may contain local paths, so it is not
 * sent.
 */
export function apiErrorOf(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const full = storageFull(error);
  if (full) return full;
  const code = error instanceof SamError ? CODES[error.code] : undefined;
  if (code) return new ServerError(code, (error as SamError).message, { cause: error });
  return new ServerError("internal", "Internal server error; see the server's log.", {
    cause: error,
  });
}
