import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatasetError } from "../errors.js";
import { unreadable, unwritable } from "./files.js";

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
