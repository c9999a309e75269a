/** Every reason for which the library refuses to go on. The set is closed: a caller may switch over it. */
export type SamErrorCode =
  | "aborted"
  | "cache-failed"
  | "checkpoint-invalid"
  | "checkpoint-not-found"
  | "checkpoint-unsafe"
  | "checkpoint-unsupported"
  | "device-unavailable"
  | "download-failed"
  | "embedding-invalid"
  | "embedding-mismatch"
  | "encoder-missing"
  | "file-unreadable"
  | "file-unwritable"
  | "graph-invalid"
  | "image-empty"
  | "image-not-set"
  | "image-too-large"
  | "image-unreadable"
  | "inference-failed"
  | "mask-invalid"
  | "model-unknown"
  | "option-invalid"
  | "prompt-invalid"
  | "rle-invalid"
  | "text-unavailable"
  | "text-unknown";

/**
 * The one error class of this package. The message says what is wrong, with the value, and what to do about
 * it.
 *
 * @example
 * const error = new SamError("image-empty", "a.jpg is empty (0 bytes).");
 * console.log(error instanceof Error, error.code); // true image-empty
 */
export class SamError extends Error {
  readonly code: SamErrorCode;

  constructor(code: SamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SamError";
    this.code = code;
  }
}

/**
 * Throws `aborted` when the signal has fired; to be called between steps of long work.
 *
 * @example
 * const { signal } = new AbortController();
 * throwIfAborted(signal); // throws once the controller aborts
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new SamError("aborted", "The work was cancelled.", { cause: signal.reason });
}
