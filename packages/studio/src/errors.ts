import type { ApiErrorCode } from "@segany/server/contract";

/** What can go wrong in the studio besides what the library and the server name. */
export type StudioErrorCode =
  | ApiErrorCode
  | "server-unreachable"
  | "answer-invalid"
  | "image-unreadable"
  | "masks-invalid"
  | "store-full"
  | "nothing-to-export";

/** The studio's own error; the message is for the user. */
export class StudioError extends Error {
  readonly code: StudioErrorCode;
  /** How long the server wants to be left alone (`Retry-After`); null where it has not said. */
  readonly retryAfterMs: number | null;

  constructor(
    code: StudioErrorCode,
    message: string,
    { retryAfterMs = null, ...options }: ErrorOptions & { readonly retryAfterMs?: number | null } = {},
  ) {
    super(message, options);
    this.name = "StudioError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether work ended because somebody asked for it. */
export function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || ("code" in error && error.code === "aborted");
}

/** What to tell the user. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
