import { SamError } from "@segany/masks";

/**
 * Random access to the bytes of one file, whatever holds them: a file handle, a `Blob` of a page, plain
 * memory. Sizes and offsets are bytes.
 */
export interface ByteSource {
  readonly size: number;
  /** Resolves to exactly `length` bytes in an array of their own, which the caller may keep and change. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Releases what is behind it. Reading afterwards rejects. */
  close(): Promise<void>;
}

/**
 * The bytes of a `Blob` or `File`, read slice by slice; the way a page opens a checkpoint the user picked.
 *
 * @example
 * const source = blobByteSource(new Blob([Uint8Array.of(1, 2, 3, 4)]));
 * console.log(source.size); // 4
 */
export function blobByteSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length) {
      const slice = blob.slice(offset, offset + length);
      try {
        return exactly(new Uint8Array(await slice.arrayBuffer()), offset, length);
      } catch (cause) {
        if (cause instanceof SamError) throw cause;
        throw new SamError("file-unreadable", `Cannot read ${length} bytes at offset ${offset}: ${cause}.`, {
          cause,
        });
      }
    },
    async close() {},
  };
}

/**
 * Bytes that are already in memory.
 *
 * @example
 * const source = memoryByteSource(Uint8Array.of(1, 2, 3, 4));
 * console.log(await source.read(1, 2)); // Uint8Array(2) [ 2, 3 ]
 */
export function memoryByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      // Not slice(): a Node Buffer would hand out a view.
      return exactly(new Uint8Array(bytes.subarray(offset, offset + length)), offset, length);
    },
    async close() {},
  };
}

/**
 * Reads a range that a file's own index speaks of, so that it must be checked before anything is allocated.
 *
 * @param what names the range in the error, as in "the entry data.pkl"
 * @throws SamError `checkpoint-invalid` when the range is not inside the source
 */
export async function readRange(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!sane || offset + length > source.size) {
    throw new SamError(
      "checkpoint-invalid",
      `${what} should be ${length} bytes at offset ${offset}, but the file has ${source.size} bytes. ` +
        "It is damaged or was not downloaded to its end.",
    );
  }
  return source.read(offset, length);
}

function exactly(bytes: Uint8Array<ArrayBuffer>, offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length === length) return bytes;
  throw new SamError(
    "file-unreadable",
    `Read ${bytes.length} bytes at offset ${offset} where ${length} were asked for. Did the file shrink meanwhile?`,
  );
}
