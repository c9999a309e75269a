/** Why what several machines share can't be used. The set is closed. */
export type ClusterErrorCode =
  /** An address of a store or of Redis is none. */
  | "address-invalid"
  /** The object store can't be reached, or refuses. */
  | "store-unusable"
  /** The store has no object of that name (any more). */
  | "object-missing"
  /** Redis can't be reached, or refuses. */
  | "redis-unusable";

/** The message has the reason and what to do, and no credentials. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
