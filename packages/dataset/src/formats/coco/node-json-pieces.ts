import { createReadStream } from "node:fs";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { unreadable } from "../../files/files.js";
import { createJsonSplitter, type JsonPiece } from "../../json/json-splitter.js";
import { decoderOf, encodingOfMark, notText } from "../../text/decode-text.js";

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
    encoding,
  }: {
    readonly isSplit: (key: string) => boolean;
    readonly onPiece: (piece: JsonPiece) => void;
    readonly onChunkEnd?: () => Promise<void>;
    readonly signal?: AbortSignal | undefined;
    /** Of the file, where it isn't UTF-8. */
    readonly encoding?: string | undefined;
  },
): Promise<void> {
  const splitter = createJsonSplitter({ label: `"${path}"`, isSplit, onPiece });
  try {
    for await (const chunk of toUtf8(createReadStream(path, { highWaterMark: 2 ** 20 }), path, encoding)) {
      throwIfAborted(signal);
      splitter.write(chunk);
      await onChunkEnd?.();
    }
  } catch (cause) {
    throw cause instanceof DatasetError ? cause : unreadable(path, cause);
  }
  splitter.end();
}

/**
 * Brackets and quotes must be bytes of their own for the splitter, so text of another encoding is brought to
 * UTF-8.
 */
async function* toUtf8(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  encoding: string | undefined,
): AsyncIterable<Uint8Array> {
  let decoder: ReturnType<typeof decoderOf> | undefined;
  let isFirst = true;
  const encoder = new TextEncoder();
  const decode = (chunk?: Uint8Array): Uint8Array => {
    try {
      return encoder.encode(decoder!.decode(chunk, { stream: chunk !== undefined }));
    } catch (cause) {
      throw notText(`"${path}"`, decoder!.encoding, cause);
    }
  };
  for await (const chunk of chunks) {
    if (isFirst) {
      const found = encodingOfMark(chunk) ?? encoding ?? "utf-8";
      decoder = found === "utf-8" ? undefined : decoderOf(found);
    }
    isFirst = false;
    yield decoder ? decode(chunk) : chunk;
  }
  if (decoder) yield decode();
}
