import { open, stat } from "node:fs/promises";
import { SamError } from "@segany/masks";
import { DatasetError } from "../errors.js";

/** The largest image file or per-image JSON that is read into memory. */
export const maxFileBytes = 2 ** 29;

/** Whether there is a regular file at the path. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** Whether there is a folder at the path. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/**
 * Reads a part of a file, or all of it.
 *
 * @param range bytes to read; the whole file when absent
 * @throws DatasetError `file-unreadable`, `dataset-too-large` for more than `maxBytes`
 */
export async function readBytes(
  path: string,
  range?: { readonly offset: number; readonly sizeBytes: number },
  maxBytes = maxFileBytes,
): Promise<Uint8Array> {
  const handle = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const { offset, sizeBytes } = range ?? { offset: 0, sizeBytes: (await handle.stat()).size };
    if (sizeBytes > maxBytes) {
      throw new DatasetError(
        "dataset-too-large",
        `"${path}" has ${sizeBytes} bytes for one image or its masks, more than the ${maxBytes} accepted.`,
      );
    }
    const bytes = new Uint8Array(sizeBytes);
    let length = 0;
    while (length < sizeBytes) {
      const { bytesRead } = await handle.read(bytes, length, sizeBytes - length, offset + length);
      if (bytesRead === 0) throw new Error(`it ends after ${offset + length} bytes`);
      length += bytesRead;
    }
    return bytes;
  } catch (cause) {
    throw cause instanceof DatasetError ? cause : unreadable(path, cause);
  } finally {
    await handle.close();
  }
}

/**
 * Reads a file, or its beginning.
 *
 * @param headBytes no more than so many bytes; the whole file when absent
 * @throws DatasetError `file-unreadable`, `dataset-too-large`
 */
export async function readImageBytes(path: string, headBytes?: number): Promise<Uint8Array> {
  if (headBytes === undefined) return readBytes(path);
  const { size } = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  return readBytes(path, { offset: 0, sizeBytes: Math.min(size, headBytes) });
}

/** The error for a file that can't be read. */
export function unreadable(path: string, cause: unknown): DatasetError {
  return new DatasetError("file-unreadable", `"${path}" can't be read: ${(cause as Error).message}`, {
    cause,
  });
}

/** The error for a file that can't be written. */
export function unwritable(path: string, cause: unknown): DatasetError {
  return new DatasetError("file-unwritable", `"${path}" can't be written: ${(cause as Error).message}`, {
    cause,
  });
}

/**
 * Runs work that writes a file.
 *
 * @throws DatasetError `file-unwritable` with the reason, `aborted`; those of the work as they are
 */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    if (!(cause instanceof SamError)) throw unwritable(path, cause);
    throw new DatasetError(cause.code === "aborted" ? "aborted" : "file-unwritable", cause.message, {
      cause,
    });
  }
}
