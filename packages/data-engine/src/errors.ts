/** Why the data engine refuses a call. The set is closed: a caller may switch over it. */
export type DataEngineErrorCode =
  /** The caller did not say who they are, or the password, session or token is wrong or expired. */
  | "not-signed-in"
  /** Too many attempts to sign in; the message tells when to retry. */
  | "too-many-attempts"
  /** The caller's role does not allow this. */
  | "forbidden"
  /** There is no such thing, or the caller may not know of it. */
  | "not-found"
  /** The state does not allow this, or it changed in between; the message tells what is there now. */
  | "conflict"
  /** Another person holds the image, or the lock expired and was taken. */
  | "lock-lost"
  /** A value of the request can't be used. */
  | "invalid"
  /** Nothing says how the mask was made, or what it needs is not there; the message tells what. */
  | "not-replayable"
  /** The worker's lease ended and the work was given to another. */
  | "lease-lost"
  /** The database can't be opened, read or written. */
  | "store-failed"
  /** The database was written by a newer version. */
  | "store-newer";

/**
 * The error class of this package. The message says what is wrong, with the value, and what to do about it.
 *
 * @example
 * const error = new DataEngineError("not-found", "There is no task 7.");
 * console.log(error.code); // not-found
 */
export class DataEngineError extends Error {
  override readonly name = "DataEngineError";
  readonly code: DataEngineErrorCode;

  constructor(code: DataEngineErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
