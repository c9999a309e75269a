import { dtypeSizes } from "./dtype.js";
import { elementCount } from "./stored-tensor.js";
import type { WritableDtype } from "./tensor-to-write.js";

const CODES: Readonly<Record<WritableDtype, string>> = {
  float32: "F32",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

/** A tensor of a safetensors file, as far as its header is concerned. */
export interface SafetensorsEntry {
  readonly key: string;
  readonly dtype: WritableDtype;
  readonly shape: readonly number[];
}

/** How the bytes of a safetensors file follow each other. */
export interface SafetensorsLayout {
  /** All before the values, padded with spaces so that these begin at a multiple of 8. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** The tensors by their place among the entries, in the order of their values. */
  readonly order: readonly number[];
  /** Bytes of the values. */
  readonly dataLength: number;
}

/**
 * Plans a file. The header keeps the order of the entries; values with larger elements come first, so that
 * every tensor is aligned.
 *
 * @param metadata text by text, stored as `__metadata__`; left out when empty
 */
export function layOutSafetensors(
  entries: readonly SafetensorsEntry[],
  metadata: Readonly<Record<string, string>>,
): SafetensorsLayout {
  const itemSize = (index: number): number => dtypeSizes[entries[index]!.dtype];
  const order = entries.map((_, index) => index).sort((a, b) => itemSize(b) - itemSize(a) || a - b);
  const begins = new Array<number>(entries.length);
  let position = 0;
  for (const index of order) {
    begins[index] = position;
    position += elementCount(entries[index]!.shape) * itemSize(index);
  }
  const items = entries.map(({ key, dtype, shape }, index) => {
    const begin = begins[index]!;
    const offsets = [begin, begin + elementCount(shape) * dtypeSizes[dtype]];
    return [key, { dtype: CODES[dtype], shape, data_offsets: offsets }] as const;
  });
  const first = Object.keys(metadata).length > 0 ? [["__metadata__", metadata] as const] : [];
  return { header: encodeHeader([...first, ...items]), order, dataLength: position };
}

/** As text, because an object would put keys that are numbers first. */
function encodeHeader(items: readonly (readonly [key: string, value: unknown])[]): Uint8Array<ArrayBuffer> {
  const members = items.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}
