import { ServerError } from "./errors.js";

const CODES: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT"]);

/** Messages of libraries without error codes, such as libvips. */
const TEXT = /No space left on device|Disk quota exceeded/i;

/**
 * The error for work that failed because the disk is full, detected in the error or its causes; undefined for
 * any other failure.
 */
export function storageFull(error: unknown): ServerError | undefined {
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if (CODES.has((cause as NodeJS.ErrnoException).code) || TEXT.test(cause.message))
      return new ServerError(
        "storage-full",
        "The server's disk is full, and nothing was stored. Free some space on it, then retry.",
        { cause: error },
      );
  }
  return undefined;
}
