/** Every reason for which the package refuses to go on. The set is closed: a caller may switch over it. */
export type TrainingErrorCode =
  | "checkpoint-damaged"
  | "data-changed"
  | "data-empty"
  | "option-invalid"
  | "run-exists"
  | "run-mismatch"
  | "run-not-found"
  | "target-empty"
  | "training-diverged"
  | "weights-mismatch";

/**
 * The one error class of this package. The message says what is wrong, with the value, and what to do about
 * it.
 */
export class TrainingError extends Error {
  readonly code: TrainingErrorCode;

  constructor(code: TrainingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TrainingError";
    this.code = code;
  }
}
