import { SamError, type SamErrorCode } from "@segany/masks";
import { DataEngineError } from "../errors.js";

/** Errors of the model after which an attempt may be made again: of the disk and the network. */
const PASSING: ReadonlySet<SamErrorCode> = new Set([
  "aborted",
  "cache-failed",
  "download-failed",
  "file-unwritable",
]);

/**
 * An error of an attempt as one that says whether another attempt may help: `invalid` is the end. Errors of
 * training are told by their name, so that its package is loaded only where something is trained.
 */
export function workError(error: unknown): unknown {
  const isLasting =
    error instanceof SamError
      ? !PASSING.has(error.code)
      : error instanceof Error && error.name === "TrainingError";
  return isLasting ? new DataEngineError("invalid", (error as Error).message, { cause: error }) : error;
}
