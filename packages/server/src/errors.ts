import type { ApiErrorCode } from "./contract/errors.js";

/** The one error class of this package: its code decides the HTTP status. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ApiErrorCode;
  /** Seconds after which asking again makes sense. */
  readonly retryAfterS: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: ErrorOptions & { retryAfterS?: number } = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterS = options.retryAfterS;
  }
}
