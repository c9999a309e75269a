import { SamError } from "@segany/masks";

/**
 * The error for a file that contradicts its own format: truncated, damaged, or never a checkpoint.
 *
 * @example
 * console.log(invalidCheckpoint("The header is truncated.").code); // checkpoint-invalid
 */
export function invalidCheckpoint(message: string, cause?: unknown): SamError {
  return new SamError("checkpoint-invalid", readable(message), cause === undefined ? undefined : { cause });
}

/**
 * The error for a well-formed file of a kind that is not read, with what to do instead in the message.
 *
 * @example
 * console.log(unsupportedCheckpoint("Quantised weights are not read.").code); // checkpoint-unsupported
 */
export function unsupportedCheckpoint(message: string): SamError {
  return new SamError("checkpoint-unsupported", readable(message));
}

/** The error for a file that asks its reader to run or to build something other than tensors. */
export function unsafeCheckpoint(message: string): SamError {
  return new SamError("checkpoint-unsafe", readable(message));
}

const maxMessageLength = 2000;

/** Messages quote names out of the file, which may be endless or hold codes that a terminal would obey. */
function readable(message: string): string {
  const plain = message.slice(0, maxMessageLength).replace(/\p{Cc}/gu, "\ufffd");
  return message.length > maxMessageLength ? `${plain}…` : plain;
}
