import { randomUUID } from "node:crypto";
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SamError, throwIfAborted } from "@segany/masks";

/**
 * Writes a file so that a reader sees the old content or the whole new one, never a part: into a temporary file in
 * the same folder, which is then renamed, or removed when anything fails. It outlives the end of this process, not
 * a power cut: nothing is flushed to the disk by force. Devices and pipes, such as /dev/stdout, are written directly.
 *
 * @param data bytes, or text that is written as UTF-8
 * @throws SamError `file-unwritable`, `aborted`
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  throwIfAborted(signal);
  try {
    const target = await realpath(path).catch(() => path); // A link stays a link.
    if (await isSpecial(target)) await writeFile(target, data, { signal });
    else await writeBeside(target, data, signal);
  } catch (cause) {
    throwIfAborted(signal);
    throw new SamError("file-unwritable", `"${path}" can't be written: ${reasonOf(cause)}`, { cause });
  }
}

async function writeBeside(
  target: string,
  data: Uint8Array | string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // The name doesn't grow with the target's, which may already be as long as the file system allows.
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, data, { flag: "wx", signal });
    throwIfAborted(signal);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // The first error is the one to tell.
    throw error;
  }
}

/** Whether there is something that isn't a regular file or folder: renaming a file onto a device would replace it. */
async function isSpecial(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full; free some space and try again.";
    case "ENOENT":
    case "ENOTDIR":
      return "its folder does not exist; make it first.";
    case "EISDIR":
    case "ENOTEMPTY":
      return "there is a folder of that name; choose another name.";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "permission is missing; choose another folder or check who may write there.";
    default:
      return `${message}.`;
  }
}
