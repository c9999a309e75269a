import type { Job } from "../contract/jobs.js";
import type { ServerError } from "../errors.js";

/** Absolute paths of any system, up to their last part. */
const FOLDERS = /(?<![\w./\\:])(?:[A-Za-z]:|\\(?=\\))?(?:[\\/][^\\/\s"':]+)*[\\/](?=[^\\/\s"':]+)/g;

/** What is written down of a failed job: with the cause, which nobody would find in a log days later. */
export function jobErrorOf({ code, message, cause }: ServerError): NonNullable<Job["error"]> {
  if (code !== "internal" || !(cause instanceof Error)) return { code, message };
  return { code, message: `${message} The cause: ${withoutFolders(cause.message)}` };
}

/** Names of files without the folders of this machine, which are nobody else's business. */
export function withoutFolders(text: string): string {
  return text.replace(FOLDERS, "");
}
