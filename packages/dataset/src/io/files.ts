import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SamError, writeFileAtomic } from "@segany/sam";
import { DatasetError, throwIfAborted } from "../errors.js";

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
 * Writes a file whole or not at all, and makes its folder.
 *
 * @throws DatasetError `file-unwritable`, `aborted`
 */
export async function writeWhole(
  path: string,
  data: Uint8Array | string,
  signal?: AbortSignal | undefined,
): Promise<void> {
  throwIfAborted(signal);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, data, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof SamError) throw new DatasetError("file-unwritable", cause.message, { cause });
    throw unwritable(path, cause);
  }
}

/**
 * Makes an output folder, or takes an empty one, or with `resume` any.
 *
 * @throws DatasetError `output-exists`, `file-unwritable`
 */
export async function prepareOutputFolder(path: string, resume: boolean): Promise<void> {
  let entries: string[];
  try {
    await mkdir(path, { recursive: true });
    entries = await readdir(path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  if (entries.length === 0 || resume) return;
  throw new DatasetError(
    "output-exists",
    `The folder "${path}" is not empty; choose another, or go on with what was begun there (resume).`,
  );
}

/** A file that is written piece by piece under a temporary name. */
export interface FileSink {
  /** Adds text; to be awaited, so that no more than a little is held in memory. */
  append(text: string): Promise<void>;
  /** Adds what another file holds. */
  appendFile(path: string): Promise<void>;
  /** Where it lies until it is finished. */
  readonly temporaryPath: string;
  /** Ends the file without naming it. */
  close(): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  /** Removes it. Never fails; does nothing after `finish`. */
  discard(): Promise<void>;
}

const bufferCharacters = 2 ** 20;

/**
 * Opens a file for writing piece by piece: it has its name only once it is whole.
 *
 * @throws DatasetError `file-unwritable`, here and in its functions
 */
export async function openFileSink(target: string): Promise<FileSink> {
  const temporaryPath = join(dirname(target), `.${randomUUID()}.tmp`);
  const handle = await open(temporaryPath, "wx").catch((cause: unknown) => {
    throw unwritable(target, cause);
  });
  let pending: string[] = [];
  let pendingCharacters = 0;
  let isOpen = true;
  const writing = async (run: () => Promise<unknown>): Promise<void> => {
    await run().catch((cause: unknown) => {
      throw cause instanceof DatasetError ? cause : unwritable(target, cause);
    });
  };
  const flush = async (): Promise<void> => {
    const text = pending.join("");
    pending = [];
    pendingCharacters = 0;
    await writing(() => handle.appendFile(text));
  };
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    await flush();
    isOpen = false;
    await writing(() => handle.close());
  };
  return {
    temporaryPath,
    async append(text) {
      pending.push(text);
      pendingCharacters += text.length;
      if (pendingCharacters >= bufferCharacters) await flush();
    },
    async appendFile(path) {
      await flush();
      const source = await open(path).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      await writing(async () => {
        for await (const chunk of source.createReadStream({ highWaterMark: 2 ** 20 })) {
          await handle.appendFile(chunk as Uint8Array);
        }
      });
    },
    close,
    async finish() {
      await close();
      await writing(() => rename(temporaryPath, target));
    },
    async discard() {
      if (isOpen) await handle.close().catch(() => {});
      isOpen = false;
      await rm(temporaryPath, { force: true }).catch(() => {});
    },
  };
}
