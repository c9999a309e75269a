/** Reads the bytes of image files on Node, with specific error messages. */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { SamError, throwIfAborted } from "@segany/masks";

/** An image file: its path, or its bytes. */
export type ImageSource = string | URL | Uint8Array;

/** Name of an image in messages. */
export function nameOfImage(source: ImageSource): string {
  return source instanceof Uint8Array ? `The image of ${source.length} bytes` : `"${source}"`;
}

/** Reads an image file. @throws SamError `file-unreadable`, `aborted` */
export async function readImageBytes(
  source: ImageSource,
  name: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  try {
    return await readFile(source, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    throw unreadable(name, cause);
  }
}

/** Reads the first bytes of a file, fewer if it is smaller. @throws SamError `file-unreadable` */
export async function readImageHead(path: string | URL, name: string, length: number): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < length; filled += read)
      read = (await handle.read(bytes, filled, length - filled, filled)).bytesRead;
    return bytes.subarray(0, filled);
  } catch (cause) {
    throw unreadable(name, cause);
  } finally {
    await handle?.close();
  }
}

function unreadable(name: string, cause: unknown): SamError {
  return new SamError("file-unreadable", `${name} can't be read: ${reasonOf(cause)}`, { cause });
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file; check the path.";
    case "EISDIR":
      return "it is a folder; name an image file in it.";
    case "EACCES":
    case "EPERM":
      return "permission denied; check its permissions.";
    case "ERR_FS_FILE_TOO_LARGE":
      return "it is larger than 2 GiB; save it compressed or smaller.";
    default:
      return `${message}.`;
  }
}
