/** Every reason for which the package refuses to go on. The set is closed: a caller may switch over it. */
export type EvaluationErrorCode =
  | "aborted"
  | "boundaries-invalid"
  | "boxes-invalid"
  | "dataset-empty"
  | "dataset-mismatch"
  | "image-missing"
  | "option-invalid"
  | "output-exists"
  | "report-unwritable";

/**
 * The one error class of this package. The message says what is wrong, with the value, and what to do about
 * it.
 */
export class EvaluationError extends Error {
  readonly code: EvaluationErrorCode;

  constructor(code: EvaluationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EvaluationError";
    this.code = code;
  }
}

/** Throws `aborted` when the signal has fired; to be called between steps of long work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new EvaluationError("aborted", "The work was cancelled.", { cause: signal.reason });
}
