import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extract, type Header } from "tar-stream";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { unreadable } from "../../files/files.js";
import { checkFileName } from "../../names/file-names.js";

/** A file in a tar: where its bytes lie. */
export interface TarEntry {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** More entries than any shard has; it bounds what a reader must remember. */
const maxEntries = 5_000_000;

/**
 * Walks the files of a tar in their order without holding any of their bytes; they can be read later by their
 * offset. Folders are passed over. Nothing is ever written, but a tar that would write elsewhere is not to be
 * trusted, so names outside the folder, links and devices are refused.
 *
 * @throws DatasetError `tar-invalid`, `name-unsafe`, `file-unreadable`, `aborted`
 */
export async function* readTarEntries(
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncIterable<TarEntry> {
  const { size: tarBytes } = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const source = createReadStream(path, { highWaterMark: 2 ** 20 });
  const entries = extract();
  let readError: unknown;
  source.on("error", (cause) => {
    readError = unreadable(path, cause);
    entries.destroy(cause);
  });
  source.pipe(entries as unknown as NodeJS.WritableStream);
  const abort = (): void => entries.destroy(new Error("aborted"));
  signal?.addEventListener("abort", abort, { once: true });
  let count = 0;
  try {
    throwIfAborted(signal);
    for await (const stream of entries) {
      if (++count > maxEntries) throw invalid(path, `it has more than ${maxEntries} entries`);
      const entry = checkEntry(path, stream.header, tarBytes);
      if (entry) yield entry;
      stream.resume();
    }
  } catch (cause) {
    throwIfAborted(signal);
    if (readError) throw readError;
    if (cause instanceof DatasetError) throw cause;
    throw invalid(path, (cause as Error).message, cause);
  } finally {
    signal?.removeEventListener("abort", abort);
    source.destroy();
    entries.destroy();
  }
}

function checkEntry(path: string, header: Header, tarBytes: number): TarEntry | undefined {
  const name = header.name.replace(/^\.\//, "").replace(/\/$/, "");
  if (header.type === "directory") {
    if (name !== "" && name !== ".") checkFileName(name, `"${path}"`);
    return undefined;
  }
  checkFileName(name, `"${path}"`);
  if (header.type !== "file" && header.type !== "contiguous-file") {
    throw invalid(path, `its entry "${name}" is a ${header.type ?? "thing of unknown kind"}, not a file`);
  }
  // tar-stream sets the offset, but its types leave it out.
  const { byteOffset } = header as Header & { readonly byteOffset: number };
  if (byteOffset + header.size > tarBytes) {
    throw invalid(
      path,
      `its entry "${name}" claims ${header.size} bytes at ${byteOffset}, but the tar ends at ${tarBytes}`,
    );
  }
  return { name, offset: byteOffset, sizeBytes: header.size };
}

function invalid(path: string, reason: string, cause?: unknown): DatasetError {
  return new DatasetError("tar-invalid", `"${path}" can't be read as a tar: ${reason}.`, { cause });
}
