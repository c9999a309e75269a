import { createReadStream } from "node:fs";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { unreadable } from "../../files/files.js";
import { createJsonSplitter, type JsonPiece } from "../../json/json-splitter.js";

/**
 * Reads a JSON file of any length piece by piece (`createJsonSplitter`).
 *
 * @param options.onChunkEnd called after each megabyte, to write down what has come together
 * @throws DatasetError `json-invalid`, `dataset-too-large`, `file-unreadable`, `aborted`
 */
export async function splitJsonFile(
  path: string,
  {
    isSplit,
    onPiece,
    onChunkEnd,
    signal,
  }: {
    readonly isSplit: (key: string) => boolean;
    readonly onPiece: (piece: JsonPiece) => void;
    readonly onChunkEnd?: () => Promise<void>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const splitter = createJsonSplitter({ label: `"${path}"`, isSplit, onPiece });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      throwIfAborted(signal);
      splitter.write(chunk as Uint8Array);
      await onChunkEnd?.();
    }
  } catch (cause) {
    throw cause instanceof DatasetError ? cause : unreadable(path, cause);
  }
  splitter.end();
}
