import { type FileHandle, open } from "node:fs/promises";
import { SamError } from "@segany/masks";

/**
 * Reads a whole file, or a pipe, that should be small: nothing larger gets into memory.
 *
 * @throws SamError `file-unreadable`
 *
 * @example
 * await writeFileAtomic("short.txt", "short");
 * console.log((await readFileUpTo("short.txt", 1000)).length); // 5
 */
export async function readFileUpTo(path: string, maxBytes: number): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const { size } = await handle.stat();
    if (size > maxBytes) throw new RangeError(`it has ${size} bytes, and at most ${maxBytes} are read`);
    const stream = handle.createReadStream({ autoClose: false, highWaterMark: 2 ** 20 });
    return await readStreamUpTo(stream, maxBytes); // a pipe has no size, and a file may grow
  } catch (cause) {
    throw new SamError("file-unreadable", `${path} cannot be read: ${reasonOf(cause)}.`, { cause });
  } finally {
    await handle?.close();
  }
}

/**
 * Reads a stream to its end.
 *
 * @throws RangeError if it is larger
 *
 * @example
 * import { Readable } from "node:stream";
 *
 * const stream = Readable.from([Buffer.from("three "), Buffer.from("masks")]);
 * console.log((await readStreamUpTo(stream, 100)).toString()); // three masks
 */
export async function readStreamUpTo(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) throw new RangeError(`it has more than ${maxBytes} bytes, and no more are read`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check the path",
  ENOTDIR: "there is no such file; check the path",
  EISDIR: "it is a folder; name a file",
  EACCES: "permission is missing; check who may read it",
  EPERM: "permission is missing; check who may read it",
};

function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
