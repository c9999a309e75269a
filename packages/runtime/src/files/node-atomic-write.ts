import { constants, open, writeFile } from "node:fs";
import { appendFile } from "node:fs/promises";
import { Socket } from "node:net";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { SamError, throwIfAborted } from "@segany/masks";
import { type AtomicFile, openAtomicFile } from "./node-atomic-file.js";
import { findFileTarget, findNamedTarget, type StreamTarget } from "./node-output-target.js";

/** How {@link writeFileAtomic} takes its path. */
export interface AtomicWriteOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether a link at the path is followed, and devices and pipes (such as /dev/stdout) are written into: for
   * a path that the user has named as the output file. Elsewhere, a link is replaced and a device or pipe is
   * refused.
   */
  readonly followLink?: boolean | undefined;
}

/**
 * Writes a file so that a reader sees the old content or the whole new one, never a part: into a temporary
 * file in the same folder, which is then renamed, or removed when anything fails. It outlives the end of this
 * process, not a power cut: nothing is flushed to the disk by force. A file that is replaced hands on its
 * permissions.
 *
 * @param data bytes, or text that is written as UTF-8
 * @throws SamError `file-unwritable`, `aborted`
 *
 * @example
 * await writeFileAtomic("notes.txt", "three masks");
 * console.log((await readFileUpTo("notes.txt", 100)).toString()); // three masks
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  { signal, followLink = false }: AtomicWriteOptions = {},
): Promise<void> {
  throwIfAborted(signal);
  await writing(path, signal, async () => {
    const target = await (followLink ? findNamedTarget(path) : findFileTarget(path));
    if (target.kind === "stream") return writeInto(target, data, signal);
    const file = await openAtomicFile(target);
    try {
      await file.append(data, { signal });
      throwIfAborted(signal);
      await file.finish();
    } finally {
      await file.discard();
    }
  });
}

/**
 * Begins a file that is written piece by piece and has its name only once it is whole. A link at the path is
 * replaced.
 *
 * @throws SamError `file-unwritable`, here and in `append` and `finish`
 *
 * @example
 * const file = await createAtomicFile("lines.txt");
 * for (const line of ["one\n", "two\n"]) await file.append(line);
 * await file.finish();
 * console.log((await readFileUpTo("lines.txt", 100)).length); // 8
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  return writing(path, undefined, async () => {
    const file = await openAtomicFile(await findFileTarget(path));
    return {
      ...file,
      append: (data, options) => writing(path, options?.signal, () => file.append(data, options)),
      finish: () => writing(path, undefined, file.finish),
    };
  });
}

/** At its end, or where it stands: a file that is open may hold what others have written, and may yet. */
async function writeInto(
  { path, isPipe, fd: own }: StreamTarget,
  data: Uint8Array | string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (own !== undefined) return promisify(writeFile)(own, data);
  if (!isPipe) return appendFile(path, data);
  // Without O_NONBLOCK, a pipe that nobody reads would hold up this process and even its end.
  const fd = await promisify(open)(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const pipe = new Socket({ fd, readable: false, writable: true, ...(signal && { signal }) });
  pipe.end(data);
  await finished(pipe, { readable: false });
}

async function writing<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throwIfAborted(signal);
    throw new SamError("file-unwritable", `"${path}" can't be written: ${reasonOf(cause)}`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and try again.",
  EDQUOT: "the disk is full; free some space and try again.",
  ENOENT: "its folder does not exist; make it first.",
  ENOTDIR: "its folder does not exist; make it first.",
  EISDIR: "there is a folder of that name; choose another name.",
  ENOTEMPTY: "there is a folder of that name; choose another name.",
  EEXIST: "there is a device or pipe of that name; remove it or choose another folder.",
  ENXIO: "nobody reads that pipe; start its reader first.",
  EPIPE: "the reader of that pipe has gone.",
  EACCES: "permission is missing; choose another folder or check who may write there.",
  EPERM: "permission is missing; choose another folder or check who may write there.",
  EROFS: "permission is missing; choose another folder or check who may write there.",
};

function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `${message}.`;
}
