/** The bytes of pickles as PyTorch writes them; tests also make such as it never would. */
import { joinBytes } from "../write-zip.js";

/** Something to pickle: plain data, or one of the records made below. */
export type Picklable =
  | null
  | boolean
  | number
  | string
  | readonly Picklable[]
  | ReadonlyMap<string, Picklable>
  | ReadonlyMap<number, Picklable>
  | { readonly raw: Uint8Array };

/** A pickle of protocol 2: lists of JavaScript become tuples, Maps become dictionaries. */
export function encodePickle(value: Picklable): Uint8Array<ArrayBuffer> {
  return joinBytes([Uint8Array.of(0x80, 2), encodeValue(value), bytesOf(".")]);
}

/** A name, as in `global("torch", "FloatStorage")`. */
export function pickledName(module: string, name: string): { raw: Uint8Array } {
  return { raw: bytesOf(`c${module}\n${name}\n`) };
}

/** A call of a name with arguments, which the reader must not carry out unless it knows it. */
export function pickledCall(module: string, name: string, args: readonly Picklable[]): { raw: Uint8Array } {
  return { raw: joinBytes([pickledName(module, name).raw, encodeValue(args), bytesOf("R")]) };
}

/** An OrderedDict with what else belongs to it as an object, if there is such. */
export function pickledOrderedDict(
  items: ReadonlyMap<string, Picklable>,
  attributes?: ReadonlyMap<string, Picklable>,
): { raw: Uint8Array } {
  const empty = pickledCall("collections", "OrderedDict", []).raw;
  const state = attributes ? [encodeValue(attributes), bytesOf("b")] : [];
  return { raw: joinBytes([empty, encodeItems(items), ...state]) };
}

/** A tensor over a storage of the archive; numbers in elements. */
export interface TensorSpec {
  readonly storageKey: string;
  readonly storageNumel: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly storageOffset?: number;
  /** Name of the storage class, `FloatStorage` when left out. */
  readonly storageClass?: string;
}

/** A tensor as torch.save writes it. */
export function pickledTensor(spec: TensorSpec): { raw: Uint8Array } {
  const { storageKey, storageNumel, shape, strides, storageOffset = 0, storageClass = "FloatStorage" } = spec;
  const id = encodeValue(["storage", pickledName("torch", storageClass), storageKey, "cpu", storageNumel]);
  const storage = { raw: joinBytes([id, bytesOf("Q")]) };
  const hooks = pickledCall("collections", "OrderedDict", []);
  return pickledCall("torch._utils", "_rebuild_tensor_v2", [
    storage,
    storageOffset,
    shape,
    strides,
    false,
    hooks,
  ]);
}

/** The bytes of text whose characters are bytes, as opcodes are written in this file. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function encodeValue(value: Picklable): Uint8Array {
  if (value === null) return bytesOf("N");
  if (typeof value === "boolean") return Uint8Array.of(value ? 0x88 : 0x89);
  if (typeof value === "number") return encodeNumber(value);
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    return joinBytes([bytesOf("X"), uint32(text.length), text]);
  }
  if (value instanceof Map) return joinBytes([bytesOf("}"), encodeItems(value)]);
  if ("raw" in value) return value.raw;
  return joinBytes([bytesOf("("), ...(value as readonly Picklable[]).map(encodeValue), bytesOf("t")]);
}

function encodeItems(items: ReadonlyMap<string, Picklable>): Uint8Array {
  const pairs = [...items].flatMap(([key, value]) => [encodeValue(key), encodeValue(value)]);
  return joinBytes([bytesOf("("), ...pairs, bytesOf("u")]);
}

/** BININT where it fits, LONG1 of eight bytes else. */
function encodeNumber(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  if (value === (value | 0)) {
    bytes.setInt32(0, value, true);
    return joinBytes([bytesOf("J"), new Uint8Array(bytes.buffer, 0, 4)]);
  }
  bytes.setBigInt64(0, BigInt(value), true);
  return joinBytes([Uint8Array.of(0x8a, 8), new Uint8Array(bytes.buffer)]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
