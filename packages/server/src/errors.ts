import type { ApiErrorCode } from "./contract/errors.js";

/** An error response: its code decides the HTTP status. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ApiErrorCode;
  /** Seconds to wait before a retry, sent as `Retry-After`. */
  readonly retryAfterS: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: ErrorOptions & { retryAfterS?: number } = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterS = options.retryAfterS;
  }
}

/** A call whose process ended before it replied. The call can be retried. */
export class WorkerLostError extends ServerError {
  /** "signal SIGKILL" or "exit status 1". */
  readonly how: string;

  constructor(how: string) {
    super("overloaded", `The model's process ended (${how}); retry.`, { retryAfterS: 2 });
    this.how = how;
  }
}

/** The response to requests during shutdown. */
export function stoppingError(): ServerError {
  return new ServerError("stopping", "The server is stopping.", { retryAfterS: 5 });
}

/** Why a server can't start. The set is closed. */
export type StartErrorCode =
  /** The server can't listen on the address. */
  | "address-unusable"
  /** The data engine's database can't be opened. */
  | "database-unusable"
  /** The folder has content that the server did not create. */
  | "folder-foreign"
  /** Another server uses the folder. */
  | "folder-in-use"
  /** The folder can't be created, read, written or locked. */
  | "folder-unusable"
  /** A worker does no work of that kind. */
  | "kind-unknown";

/** Thrown when a server can't start. The message has the reason and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
