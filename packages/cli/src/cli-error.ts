import type { ClusterErrorCode } from "@segany/cluster";
import type { DataEngineErrorCode } from "@segany/data-engine";
import type { DatasetErrorCode } from "@segany/dataset";
import type { EvaluationErrorCode } from "@segany/evaluation";
import type { SamErrorCode } from "@segany/masks";
import type { StartErrorCode } from "@segany/server";
import type { TrainingErrorCode } from "@segany/training";
import { describeForeign } from "./foreign-error.js";
import { printNote } from "./terminal/print.js";

/** Thrown for an invalid command line; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit statuses: 1 failure, 2 usage error, 130 interrupted, 141 closed pipe, 143 terminated. */
export const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;
/** Status of a program that SIGTERM has ended: 128 plus its number. */
export const EXIT_TERMINATED = 143;
/** Status of a program that a closed pipe has ended: 128 plus SIGPIPE's number. */
export const EXIT_CLOSED_PIPE = 141;

/** Error codes of our libraries. The server's other codes are for HTTP and not handled here. */
type LibraryErrorCode =
  | SamErrorCode
  | ClusterErrorCode
  | StartErrorCode
  | DataEngineErrorCode
  | DatasetErrorCode
  | EvaluationErrorCode
  | TrainingErrorCode;

/** Errors of the libraries that are caused by the command line. */
const USAGE_CODES: ReadonlySet<string> = new Set<LibraryErrorCode>([
  "address-invalid",
  "boxes-invalid",
  "format-unknown",
  "invalid",
  "kind-unknown",
  "model-unknown",
  "option-invalid",
  "prompt-invalid",
  "text-unavailable",
  "text-unknown",
]);

/** Compared by name: importing the classes would load their packages. */
const LIBRARY_ERRORS: ReadonlySet<string> = new Set([
  "SamError",
  "ClusterError",
  "DataEngineError",
  "DatasetError",
  "EvaluationError",
  "TrainingError",
  "ServerError",
  "StartError",
]);

function isLibraryError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && LIBRARY_ERRORS.has(error.name) && "code" in error;
}

/** The code of an error of our libraries. */
export function codeOf(error: unknown): string | undefined {
  return isLibraryError(error) ? error.code : undefined;
}

/** Returns the exit status for an error. */
export function exitStatus(error: unknown): number {
  if (error instanceof UsageError) return EXIT_USAGE;
  if (!isLibraryError(error)) return EXIT_FAILED;
  if (error.code === "aborted") return EXIT_INTERRUPTED;
  return USAGE_CODES.has(error.code) ? EXIT_USAGE : EXIT_FAILED;
}

/**
 * Formats an error as one line: what is wrong and, for library errors, the code. Other errors are never shown
 * unchanged.
 */
export function errorLine(error: unknown): string {
  if (isLibraryError(error)) return `segany: ${error.message} [${error.code}]`;
  return `segany: ${error instanceof UsageError ? error.message : describeForeign(error)}`;
}

/** Prints an error, with its stack if SEGANY_DEBUG is set. */
export function printError(error: unknown): void {
  printNote(errorLine(error));
  if (!process.env.SEGANY_DEBUG || !(error instanceof Error)) return;
  for (const line of error.stack?.split("\n") ?? []) printNote(line);
}
