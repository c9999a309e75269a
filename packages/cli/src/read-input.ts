import { SamError } from "@segany/masks";
import { readFileUpTo, readStreamUpTo } from "@segany/runtime/files";

/** Stands for standard input in place of a file's path. */
export const STANDARD_INPUT = "-";

/** Reads a file, or standard input for "-". @throws SamError `file-unreadable` */
export async function readInput(path: string, maxBytes: number): Promise<Buffer> {
  if (path !== STANDARD_INPUT) return readFileUpTo(path, maxBytes);
  try {
    return await readStreamUpTo(process.stdin, maxBytes);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new SamError("file-unreadable", `Standard input cannot be read: ${reason}.`, { cause });
  }
}
