import { invalidCheckpoint } from "../invalid.js";

/**
 * Reads a pickle's bytes in order; every method throws `checkpoint-invalid` rather than read past the end.
 */
export interface PickleCursor {
  /** Offset of the next byte. */
  readonly position: number;
  take(length: number): Uint8Array;
  uint8(): number;
  uint16(): number;
  uint32(): number;
  int32(): number;
  /** A 64-bit length; refused beyond what a number holds exactly. */
  uint64(): number;
  /** Big-endian, as only floats are in a pickle. */
  float64(): number;
  text(length: number): string;
  /** Text up to a line feed, which is consumed and not returned. */
  line(): string;
}

/** A cursor over `bytes` starting at `start`. */
export function createPickleCursor(bytes: Uint8Array, start: number): PickleCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8");
  let position = start;
  /** Moves on by `length` and returns where the skipped bytes begin. */
  const advance = (length: number): number => {
    if (length > bytes.length - position) {
      throw invalidCheckpoint(`The pickle ends early: ${length} bytes are missing at offset ${position}.`);
    }
    position += length;
    return position - length;
  };
  const take = (length: number) => {
    const at = advance(length);
    return bytes.subarray(at, at + length);
  };
  return {
    get position() {
      return position;
    },
    take,
    uint8: () => view.getUint8(advance(1)),
    uint16: () => view.getUint16(advance(2), true),
    uint32: () => view.getUint32(advance(4), true),
    int32: () => view.getInt32(advance(4), true),
    uint64() {
      const value = view.getBigUint64(advance(8), true);
      if (value > BigInt(Number.MAX_SAFE_INTEGER))
        throw invalidCheckpoint(`The pickle claims a length of ${value}.`);
      return Number(value);
    },
    float64: () => view.getFloat64(advance(8), false),
    text: (length) => decoder.decode(take(length)),
    line() {
      const end = bytes.indexOf(10, position);
      if (end < 0) throw invalidCheckpoint(`The pickle ends early: a line at offset ${position} has no end.`);
      const text = decoder.decode(take(end - position));
      advance(1);
      return text;
    },
  };
}
