/** The four letters of a chunk's type. */
export function typeAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What becomes of a chunk of a file. */
export interface Chunk {
  /** Where the next one begins. */
  readonly end: number;
  readonly keep: boolean;
  /** What takes the place of one that is not kept; no longer than that one. A cut one is left out. */
  readonly instead?: Uint8Array;
}

/**
 * Walks chunks and removes or replaces some.
 *
 * @param start offset of the first chunk
 * @returns the same bytes if all are kept, else a copy
 */
export function keepChunks(bytes: Uint8Array, start: number, chunkAt: (at: number) => Chunk): Uint8Array {
  let kept: Uint8Array | undefined;
  let size = start;
  for (let at = start; at + 8 <= bytes.length; ) {
    const chunk = chunkAt(at);
    const end = Math.min(bytes.length, chunk.end);
    if (!chunk.keep) kept ??= Uint8Array.from(bytes);
    const instead = end === chunk.end ? chunk.instead : undefined;
    const part = chunk.keep ? bytes.subarray(at, end) : instead;
    if (part) {
      kept?.set(part, size);
      size += part.length;
    }
    at = end;
  }
  return kept ? kept.subarray(0, size) : bytes;
}
