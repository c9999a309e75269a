/** Every reason for which the package refuses to go on. The set is closed: a caller may switch over it. */
export type DatasetErrorCode =
  | "aborted"
  | "annotation-invalid"
  | "dataset-invalid"
  | "dataset-not-found"
  | "dataset-too-large"
  | "file-unreadable"
  | "file-unwritable"
  | "format-unknown"
  | "image-missing"
  | "json-invalid"
  | "name-unsafe"
  | "option-invalid"
  | "output-exists"
  | "tar-invalid"
  | "text-invalid";

/**
 * The one error class of this package. The message says what is wrong, with the value, and what to do about
 * it.
 */
export class DatasetError extends Error {
  readonly code: DatasetErrorCode;

  constructor(code: DatasetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DatasetError";
    this.code = code;
  }
}

/** Takes what is wrong with a record, or with a part of one, which is then left out. */
export type OnProblem = (problem: DatasetError) => void;

/** Throws `aborted` when the signal has fired; to be called between steps of long work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DatasetError("aborted", "The work was cancelled.", { cause: signal.reason });
}
