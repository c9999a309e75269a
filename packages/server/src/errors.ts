import type { ApiErrorCode } from "./contract/errors.js";

/** An answer that is not a success: its code decides the HTTP status. */
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

/** A call whose process ended before it answered. It may be made again. */
export class WorkerLostError extends ServerError {
  /** "signal SIGKILL" or "exit status 1". */
  readonly how: string;

  constructor(how: string) {
    super("overloaded", `The model's process ended (${how}); ask again.`, { retryAfterS: 2 });
    this.how = how;
  }
}

/** Why a server can't start. The set is closed. */
export type StartErrorCode =
  /** The address can't be listened on. */
  | "address-unusable"
  /** The folder has content that no server of ours made. */
  | "folder-foreign"
  /** Another server works on the folder. */
  | "folder-in-use"
  /** The folder can't be made, read, written or locked. */
  | "folder-unusable";

/** A server that can't start: the message says why and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
