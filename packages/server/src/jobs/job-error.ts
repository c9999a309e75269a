import type { Job } from "../contract/jobs.js";
import type { ServerError } from "../errors.js";

/** Absolute paths of any system, up to the last part. */
const FOLDERS = /(?<![\w./\\:])(?:[A-Za-z]:|\\(?=\\))?(?:[\\/][^\\/\s"':]+)*[\\/](?=[^\\/\s"':]+)/g;

/** The error stored for a failed job, with its cause, since the log may be gone later. */
export function jobErrorOf({ code, message, cause }: ServerError): NonNullable<Job["error"]> {
  if (code !== "internal" || !(cause instanceof Error)) return { code, message };
  return { code, message: `${message} The cause: ${withoutFolders(cause.message)}` };
}

/** Removes local folders from the paths in a text. */
export function withoutFolders(text: string): string {
  return text.replace(FOLDERS, "");
}
