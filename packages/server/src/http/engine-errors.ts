import type { DataEngineError, DataEngineErrorCode } from "@segany/data-engine";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";

const CODES: Readonly<Record<DataEngineErrorCode, ApiErrorCode>> = {
  "not-signed-in": "unauthorized",
  "too-many-attempts": "too-many-requests",
  forbidden: "forbidden",
  "not-found": "not-found",
  conflict: "conflict",
  "lock-lost": "lock-lost",
  "lease-lost": "conflict",
  "not-replayable": "conflict",
  invalid: "bad-request",
  "store-failed": "store-failed",
  "store-newer": "store-failed",
};

const RETRY_AFTER_S: Partial<Record<DataEngineErrorCode, number>> = {
  "too-many-attempts": 60,
  "store-failed": 5,
};

/**
 * An error of the data engine as one of the API; undefined for others. The class is told by its name, so that
 * the package is loaded only where it is used. What the database said stays in the log.
 */
export function engineErrorOf(error: unknown): ServerError | undefined {
  if (!(error instanceof Error) || error.name !== "DataEngineError") return undefined;
  const { code, message } = error as DataEngineError;
  const apiCode = CODES[code];
  const retryAfterS = RETRY_AFTER_S[code];
  const shown = apiCode === "store-failed" ? "The server's database can't be used; see its log." : message;
  return new ServerError(apiCode, shown, { cause: error, ...(retryAfterS !== undefined && { retryAfterS }) });
}
