/**
 * The protobuf wire format, as far as ONNX needs it: varints, fixed 32 and 64 bits, length-delimited fields
 * and packed lists. This file writes it, protobuf-reader.ts reads it; neither knows any schema. Source:
 * https://protobuf.dev/programming-guides/encoding/.
 */
import { SamError } from "@segany/masks";

/** Wire types: the low three bits of a tag say how the value after it is written. */
export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_LENGTH_DELIMITED = 2;
export const WIRE_FIXED32 = 5;
/** The largest field number a tag can hold. */
export const MAX_FIELD_NUMBER = 2 ** 29 - 1;

const encoder = new TextEncoder();

function appendVarint(out: number[], value: number | bigint): void {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new SamError(
      "graph-invalid",
      `A protobuf integer must be a whole number up to 2^53, not ${value}.`,
    );
  }
  if (typeof value === "bigint" && (value < -(2n ** 63n) || value >= 2n ** 64n)) {
    throw new SamError("graph-invalid", `A protobuf integer must fit 64 bits; ${value} does not.`);
  }
  if (value >= 0 && value < 0x80000000) {
    let rest = Number(value);
    for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
    out.push(rest);
    return;
  }
  // Negative values take the ten bytes of their 64-bit two's complement, as `int64` fields want it.
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
}

/**
 * Writes one protobuf message. Byte fields are kept by reference until {@link ProtoWriter.finish}, so that a
 * graph with its weights is copied once, however deeply they are nested; they must not change before that.
 *
 * @example
 * const bytes = new ProtoWriter().varint(1, 3).string(2, "relu").finish();
 * console.log(bytes.join(" ")); // 8 3 18 4 114 101 108 117
 */
export class ProtoWriter {
  #chunks: Uint8Array[] = [];
  #pending: number[] = [];
  #flushedBytes = 0;

  /** Size in bytes of what has been written. */
  get byteLength(): number {
    return this.#flushedBytes + this.#pending.length;
  }

  /**
   * An `int32`, `int64`, `uint64`, `bool` or enum field; `graph-invalid` unless a whole number of 64 bits
   * (numbers: up to 2^53).
   */
  varint(field: number, value: number | bigint): this {
    this.#tag(field, WIRE_VARINT);
    appendVarint(this.#pending, value);
    return this;
  }

  /** A `float` field. */
  float(field: number, value: number): this {
    this.#tag(field, WIRE_FIXED32);
    return this.#append(littleEndian(4, (view) => view.setFloat32(0, value, true)));
  }

  /** A `double` field. */
  double(field: number, value: number): this {
    this.#tag(field, WIRE_FIXED64);
    return this.#append(littleEndian(8, (view) => view.setFloat64(0, value, true)));
  }

  /** A `string` field, in UTF-8. */
  string(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  /** A `bytes` field; the bytes are kept by reference. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WIRE_LENGTH_DELIMITED);
    appendVarint(this.#pending, value.byteLength);
    return this.#append(value);
  }

  /** A nested message, filled in by `write`. */
  message(field: number, write: (nested: ProtoWriter) => void): this {
    const nested = new ProtoWriter();
    write(nested);
    this.#tag(field, WIRE_LENGTH_DELIMITED);
    appendVarint(this.#pending, nested.byteLength);
    for (const chunk of nested.#flush()) this.#append(chunk);
    return this;
  }

  /**
   * A packed list of integers (`repeated int64` and the like). An empty list is left out, as the format has
   * it.
   */
  packedVarints(field: number, values: Iterable<number | bigint>): this {
    const packed: number[] = [];
    for (const value of values) appendVarint(packed, value);
    return packed.length === 0 ? this : this.bytes(field, Uint8Array.from(packed));
  }

  /** A packed list of `float`s. An empty list is left out. */
  packedFloats(field: number, values: ArrayLike<number>): this {
    if (values.length === 0) return this;
    const packed = new DataView(new ArrayBuffer(values.length * 4));
    for (let i = 0; i < values.length; i++) packed.setFloat32(i * 4, values[i]!, true);
    return this.bytes(field, new Uint8Array(packed.buffer));
  }

  /** The message in one new array. Writing may go on afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.byteLength);
    let offset = 0;
    for (const chunk of this.#flush()) {
      out.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return out;
  }

  #tag(field: number, wire: number): void {
    if (!Number.isInteger(field) || field < 1 || field > MAX_FIELD_NUMBER) {
      throw new SamError(
        "graph-invalid",
        `A protobuf field number is 1 to ${MAX_FIELD_NUMBER}, not ${field}.`,
      );
    }
    appendVarint(this.#pending, field * 8 + wire);
  }

  #append(chunk: Uint8Array): this {
    // Small pieces are gathered: a view object of their own would cost more than they hold.
    if (chunk.byteLength <= 64) {
      for (const byte of chunk) this.#pending.push(byte);
      return this;
    }
    this.#flush();
    this.#chunks.push(chunk);
    this.#flushedBytes += chunk.byteLength;
    return this;
  }

  #flush(): readonly Uint8Array[] {
    if (this.#pending.length > 0) {
      this.#chunks.push(Uint8Array.from(this.#pending));
      this.#flushedBytes += this.#pending.length;
      this.#pending = [];
    }
    return this.#chunks;
  }
}

function littleEndian(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}
