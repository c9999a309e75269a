/**
 * Reads the protobuf wire format that protobuf.ts writes, without copying: byte fields are views into the
 * message.
 */
import { SamError } from "@segany/masks";
import {
  MAX_FIELD_NUMBER,
  WIRE_FIXED32,
  WIRE_FIXED64,
  WIRE_LENGTH_DELIMITED,
  WIRE_VARINT,
} from "./protobuf.js";

/** Google's own readers stop at 100 nested messages. */
const MAX_DEPTH = 100;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * One field of a message as read. Bytes are views into the message, not copies; varints are the 64 bits
 * unsigned.
 */
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
 * The fields of a message in the order written, read as the caller goes on. `graph-invalid` for anything cut
 * off, malformed, or nested too deeply; deprecated groups are refused.
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

/**
 * The value of an `int32`, `int64`, `bool` or enum field; `graph-invalid` beyond 2^53, where a number is no
 * longer exact.
 */
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
  return cursor.bytes[cursor.offset++]!;
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
