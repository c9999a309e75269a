import { createReadStream } from "node:fs";
import { createAtomicFile } from "@segany/runtime/files";
import { unreadable, writing } from "./files.js";

/** A file that is written piece by piece under a temporary name. */
export interface FileSink {
  /** Where it lies until it is finished. */
  readonly temporaryPath: string;
  /** Adds text, or bytes of text; to be awaited, so that no more than a little is held in memory. */
  append(text: string | Uint8Array): Promise<void>;
  /** What has been added so far. */
  read(): AsyncIterable<Uint8Array>;
  /** Writes down what is held in memory. */
  flush(): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  /** Removes it. Never fails; does nothing after `finish`. */
  discard(): Promise<void>;
}

const bufferCharacters = 2 ** 20;

/**
 * Opens a file for writing piece by piece: it has its name only once it is whole. A link at the path is
 * replaced.
 *
 * @throws DatasetError `file-unwritable`, here and in its functions
 */
export async function openFileSink(target: string): Promise<FileSink> {
  const file = await writing(target, () => createAtomicFile(target));
  let pending: string[] = [];
  let pendingCharacters = 0;
  const flush = async (): Promise<void> => {
    const text = pending.join("");
    pending = [];
    pendingCharacters = 0;
    await writing(target, () => file.append(text));
  };
  return {
    temporaryPath: file.temporaryPath,
    async append(text) {
      if (typeof text !== "string") {
        await flush();
        return writing(target, () => file.append(text));
      }
      pending.push(text);
      pendingCharacters += text.length;
      if (pendingCharacters >= bufferCharacters) await flush();
    },
    async *read() {
      await flush();
      try {
        yield* createReadStream(file.temporaryPath, { highWaterMark: 2 ** 20 }) as AsyncIterable<Uint8Array>;
      } catch (cause) {
        throw unreadable(file.temporaryPath, cause);
      }
    },
    flush,
    async finish() {
      await flush();
      await writing(target, file.finish);
    },
    discard: file.discard,
  };
}
