import { SamError, type SamErrorCode } from "@segany/masks";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";
import { storageFull } from "../storage-full.js";

/** What each of the library's codes means over HTTP; those that are not here are faults of the server. */
const CODES: Partial<Record<SamErrorCode, ApiErrorCode>> = {
  aborted: "overloaded",
  "image-empty": "image-unreadable",
  "image-too-large": "image-too-large",
  "image-unreadable": "image-unreadable",
  "mask-invalid": "mask-invalid",
  "option-invalid": "option-invalid",
  "prompt-invalid": "prompt-invalid",
  "rle-invalid": "mask-invalid",
};

/** The same error as the server's own. A fault's message may name files of this machine, so it stays inside. */
export function apiErrorOf(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const full = storageFull(error);
  if (full) return full;
  const code = error instanceof SamError ? CODES[error.code] : undefined;
  if (code) return new ServerError(code, (error as SamError).message, { cause: error });
  return new ServerError("internal", "Something went wrong in the server; its log says what.", {
    cause: error,
  });
}
