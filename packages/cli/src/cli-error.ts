import type { DatasetErrorCode } from "@segany/dataset";
import type { EvaluationErrorCode } from "@segany/evaluation";
import type { SamErrorCode } from "@segany/masks";
import { describeForeign } from "./foreign-error.js";
import { printNote } from "./terminal/print.js";

/** A command line that cannot be understood; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit statuses: 1 something failed, 2 the command line is wrong, 130 interrupted, 141 nobody reads the output. */
export const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;
/** A shell's status for a program that a closed pipe has ended: 128 and SIGPIPE's number. */
export const EXIT_CLOSED_PIPE = 141;

/** Every code of our libraries. Those of the server's are HTTP's, and mean nothing else here. */
type LibraryErrorCode = SamErrorCode | DatasetErrorCode | EvaluationErrorCode;

/** Errors of the libraries that come from the command line itself. */
const USAGE_CODES: ReadonlySet<string> = new Set<LibraryErrorCode>([
  "boxes-invalid",
  "format-unknown",
  "model-unknown",
  "option-invalid",
  "prompt-invalid",
  "text-unavailable",
]);

/** Told by name: the packages bring libraries that other commands would wait for. */
const LIBRARY_ERRORS: ReadonlySet<string> = new Set([
  "SamError",
  "DatasetError",
  "EvaluationError",
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

/** The exit status for an error. */
export function exitStatus(error: unknown): number {
  if (error instanceof UsageError) return EXIT_USAGE;
  if (!isLibraryError(error)) return EXIT_FAILED;
  if (error.code === "aborted") return EXIT_INTERRUPTED;
  return USAGE_CODES.has(error.code) ? EXIT_USAGE : EXIT_FAILED;
}

/** One line for people: what is wrong and, of library errors, the code. No other error is shown as it came. */
export function errorLine(error: unknown): string {
  if (isLibraryError(error)) return `segany: ${error.message} [${error.code}]`;
  return `segany: ${error instanceof UsageError ? error.message : describeForeign(error)}`;
}

/** Prints an error's line; its stack too where SEGANY_DEBUG asks for it. */
export function printError(error: unknown): void {
  printNote(errorLine(error));
  if (!process.env.SEGANY_DEBUG || !(error instanceof Error)) return;
  for (const line of error.stack?.split("\n") ?? []) printNote(line);
}
