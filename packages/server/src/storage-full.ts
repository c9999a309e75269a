import { ServerError } from "./errors.js";

const CODES: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT"]);

/** What libraries without codes, such as libvips, say of the same. */
const TEXT = /No space left on device|Disk quota exceeded/i;

/**
 * The refusal for work that failed since the disk is full, told by the error or by what caused it; undefined for any
 * other failure.
 */
export function storageFull(error: unknown): ServerError | undefined {
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if (CODES.has((cause as NodeJS.ErrnoException).code) || TEXT.test(cause.message))
      return new ServerError(
        "storage-full",
        "The server's disk is full, and nothing of this was kept. Free some space on it, then ask again.",
        { cause: error },
      );
  }
  return undefined;
}
