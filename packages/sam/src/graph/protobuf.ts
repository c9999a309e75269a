/**
 * The protobuf wire format, as far as ONNX needs it: varints, fixed 32 and 64 bits, length-delimited fields and packed
 * lists. It knows nothing of any schema. Source: https://protobuf.dev/programming-guides/encoding/.
 */
import { SamError } from "../errors.js";

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;
/** Google's own readers stop at 100 nested messages. */
const MAX_DEPTH = 100;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
 * Writes one protobuf message. Byte fields are kept by reference until {@link ProtoWriter.finish}, so that a graph
 * with its weights is copied once, however deeply they are nested; they must not change before that.
 */
export class ProtoWriter {
  #chunks: Uint8Array[] = [];
  #pending: number[] = [];
  #flushedBytes = 0;

  /** Size in bytes of what has been written. */
  get byteLength(): number {
    return this.#flushedBytes + this.#pending.length;
  }

  /** An `int32`, `int64`, `uint64`, `bool` or enum field; `graph-invalid` unless a whole number of 64 bits (numbers: up to 2^53). */
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

  /** A packed list of integers (`repeated int64` and the like). An empty list is left out, as the format has it. */
  packedVarints(field: number, values: Iterable<number | bigint>): this {
    const packed: number[] = [];
    for (const value of values) appendVarint(packed, value);
    return packed.length === 0 ? this : this.bytes(field, Uint8Array.from(packed));
  }

  /** A packed list of `float`s. An empty list is left out. */
  packedFloats(field: number, values: ArrayLike<number>): this {
    if (values.length === 0) return this;
    const packed = new DataView(new ArrayBuffer(values.length * 4));
    for (let i = 0; i < values.length; i++) packed.setFloat32(i * 4, values[i], true);
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

/** One field of a message as read. Bytes are views into the message, not copies; varints are the 64 bits unsigned. */
export type ProtoField =
  | { readonly field: number; readonly wire: "varint"; readonly value: bigint }
  | { readonly field: number; readonly wire: "fixed32" | "fixed64"; readonly value: Uint8Array }
  | {
      readonly field: number;
      readonly wire: "bytes";
      readonly value: Uint8Array;
      /** How many messages enclose the one this field belongs to. */
      readonly depth: number;
    };

/**
 * The fields of a message in the order written, read as the caller goes on. `graph-invalid` for anything cut off,
 * malformed, or nested too deeply; deprecated groups are refused.
 *
 * @param depth how many messages enclose this one; {@link nestedFields} counts it
 */
export function* readFields(message: Uint8Array, depth = 0): Generator<ProtoField, void, undefined> {
  if (depth > MAX_DEPTH) throw malformed(`messages are nested more than ${MAX_DEPTH} deep`);
  const cursor = { bytes: message, offset: 0 };
  while (cursor.offset < message.byteLength) {
    const tag = Number(takeVarint(cursor));
    const field = Math.floor(tag / 8);
    if (field < 1 || field > MAX_FIELD_NUMBER)
      throw malformed(`field number ${field} at byte ${cursor.offset}`);
    yield takeField(cursor, field, tag % 8, depth);
  }
}

/** The fields of the message that a length-delimited field holds; see {@link readFields}. */
export function nestedFields(field: ProtoField): Generator<ProtoField, void, undefined> {
  return field.wire === "bytes" ? readFields(field.value, field.depth + 1) : wrongWire(field, "a message");
}

/** The value of an `int32`, `int64`, `bool` or enum field; `graph-invalid` beyond 2^53, where a number is no longer exact. */
export function integerOf(field: ProtoField): number {
  return field.wire === "varint" ? signedNumber(field.value) : wrongWire(field, "an integer");
}

/** The value of a `float` field. */
export function floatOf(field: ProtoField): number {
  if (field.wire !== "fixed32") return wrongWire(field, "a float");
  return viewOf(field.value).getFloat32(0, true);
}

/** The bytes of a length-delimited field: a view, not a copy. */
export function bytesOf(field: ProtoField): Uint8Array {
  return field.wire === "bytes" ? field.value : wrongWire(field, "bytes");
}

/** The text of a `string` field; `graph-invalid` unless UTF-8. */
export function stringOf(field: ProtoField): string {
  try {
    return decoder.decode(bytesOf(field));
  } catch (cause) {
    if (cause instanceof SamError) throw cause;
    throw new SamError("graph-invalid", `Protobuf field ${field.field} is not UTF-8 text.`, { cause });
  }
}

/** The values one occurrence of a `repeated int64` field adds: several when packed, one when not. */
export function integersOf(field: ProtoField): number[] {
  if (field.wire !== "bytes") return [integerOf(field)];
  const values: number[] = [];
  const cursor = { bytes: field.value, offset: 0 };
  while (cursor.offset < field.value.byteLength) values.push(signedNumber(takeVarint(cursor)));
  return values;
}

/** The values one occurrence of a `repeated float` field adds: several when packed, one when not. */
export function floatsOf(field: ProtoField): number[] {
  if (field.wire !== "bytes") return [floatOf(field)];
  if (field.value.byteLength % 4 !== 0)
    throw malformed(`a packed float list of ${field.value.byteLength} bytes`);
  const view = viewOf(field.value);
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
}

function takeField(cursor: Cursor, field: number, wire: number, depth: number): ProtoField {
  switch (wire) {
    case WIRE_VARINT:
      return { field, wire: "varint", value: takeVarint(cursor) };
    case WIRE_FIXED64:
      return { field, wire: "fixed64", value: takeBytes(cursor, 8) };
    case WIRE_FIXED32:
      return { field, wire: "fixed32", value: takeBytes(cursor, 4) };
    case WIRE_LENGTH_DELIMITED:
      return { field, wire: "bytes", value: takeBytes(cursor, Number(takeVarint(cursor))), depth };
    default:
      throw malformed(`wire type ${wire} in field ${field} at byte ${cursor.offset}`);
  }
}

function takeVarint(cursor: Cursor): bigint {
  let low = 0; // 28 bits as a number, which covers nearly every tag, length and dimension
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = takeByte(cursor);
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = takeByte(cursor);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw malformed(`a varint longer than 10 bytes before byte ${cursor.offset}`);
}

function takeByte(cursor: Cursor): number {
  if (cursor.offset >= cursor.bytes.byteLength) throw malformed("the data ends inside a number");
  return cursor.bytes[cursor.offset++];
}

function takeBytes(cursor: Cursor, length: number): Uint8Array {
  const left = cursor.bytes.byteLength - cursor.offset;
  if (length > left)
    throw malformed(`a field of ${length} bytes at byte ${cursor.offset} where ${left} are left`);
  cursor.offset += length;
  return cursor.bytes.subarray(cursor.offset - length, cursor.offset);
}

function signedNumber(bits: bigint): number {
  const value = Number(BigInt.asIntN(64, bits));
  if (!Number.isSafeInteger(value)) throw malformed(`the integer ${BigInt.asIntN(64, bits)} is beyond 2^53`);
  return value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function wrongWire(field: ProtoField, wanted: string): never {
  throw malformed(`field ${field.field} holds ${field.wire} where ${wanted} is expected`);
}

function malformed(what: string): SamError {
  return new SamError(
    "graph-invalid",
    `Not a valid protobuf message: ${what}. The file may be cut off or of another kind.`,
  );
}
