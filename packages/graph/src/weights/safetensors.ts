import type { ByteSource } from "./byte-source.js";
import { readRange } from "./byte-source.js";
import { dtypeSizes } from "./dtype.js";
import { invalidCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import { layOutSafetensors } from "./safetensors-layout.js";
import type { StoredTensor } from "./stored-tensor.js";
import { checkStoredTensor, elementCount, rowMajorStrides } from "./stored-tensor.js";
import type { TensorDtype } from "./types.js";

/** Largest header that is read, in bytes; the limit of the reference implementation. */
export const maxSafetensorsHeader = 100_000_000;

const dtypes: ReadonlyMap<string, TensorDtype> = new Map([
  ["F64", "float64"],
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I64", "int64"],
  ["I32", "int32"],
  ["I16", "int16"],
  ["I8", "int8"],
  ["U8", "uint8"],
  ["BOOL", "bool"],
]);

/** What a safetensors file says of itself; nothing of the values is read. */
export interface SafetensorsIndex {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The file's `__metadata__`, empty when it has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads and checks the header of a safetensors file: 8 bytes of header length, JSON, then the values; the
 * ranges have to fit dtype and shape, lie inside the file and not overlap.
 *
 * @throws SamError `checkpoint-invalid`, or `checkpoint-unsupported` for an element type that is not read
 *
 * @example
 * const file = encodeSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * const { tensors } = await readSafetensorsIndex(memoryByteSource(file));
 * console.log(tensors.get("bias")?.shape); // [ 2 ]
 */
export async function readSafetensorsIndex(source: ByteSource): Promise<SafetensorsIndex> {
  const lengthBytes = await readRange(source, 0, 8, "The safetensors header length");
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maxSafetensorsHeader)) {
    throw invalidCheckpoint(
      `The safetensors header claims ${length} bytes; at most ${maxSafetensorsHeader} are read.`,
    );
  }
  const dataStart = 8 + Number(length);
  const header = parseHeader(await readRange(source, 8, Number(length), "The safetensors header"));
  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") metadata = parseMetadata(entry);
    else tensors.set(name, parseEntry(name, entry, dataStart, source.size));
  }
  refuseOverlap(tensors);
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch (cause) {
    throw invalidCheckpoint(
      "The safetensors header is not JSON: the file is damaged or not a safetensors file.",
      cause,
    );
  }
  throw invalidCheckpoint("The safetensors header is not a JSON object.");
}

function parseMetadata(value: unknown): Record<string, string> {
  if (isRecord(value) && Object.values(value).every((item) => typeof item === "string")) {
    return value as Record<string, string>;
  }
  throw invalidCheckpoint("The safetensors __metadata__ does not map text to text.");
}

function parseEntry(name: string, entry: unknown, dataStart: number, fileSize: number): StoredTensor {
  const { dtype: code, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof code !== "string" || !isCountList(shape) || !isCountList(offsets) || offsets.length !== 2) {
    throw invalidCheckpoint(`The safetensors header describes "${name}" incompletely.`);
  }
  const dtype = dtypes.get(code);
  if (!dtype)
    throw unsupportedCheckpoint(`The tensor "${name}" has the element type ${code}, which is not read.`);
  const [begin, end] = offsets as [number, number];
  const numel = elementCount(shape);
  if (end - begin !== numel * dtypeSizes[dtype] || dataStart + end > fileSize) {
    throw invalidCheckpoint(
      `The tensor "${name}" (${code}, shape [${shape}]) does not fit its range of bytes ${begin} to ${end} ` +
        `in a file of ${fileSize} bytes. The file is damaged or was not downloaded to its end.`,
    );
  }
  const tensor = { dtype, shape, strides: rowMajorStrides(shape), storageOffset: 0, storageNumel: numel };
  checkStoredTensor(name, tensor);
  return { ...tensor, fileOffset: dataStart + begin };
}

function refuseOverlap(tensors: ReadonlyMap<string, StoredTensor>): void {
  const ranges = [...tensors].map(([name, { fileOffset, storageNumel, dtype }]) => ({
    name,
    begin: fileOffset,
    end: fileOffset + storageNumel * dtypeSizes[dtype],
  }));
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (let i = 1; i < ranges.length; i++) {
    if (ranges[i]!.begin >= ranges[i - 1]!.end) continue;
    throw invalidCheckpoint(
      `The tensors "${ranges[i - 1]!.name}" and "${ranges[i]!.name}" overlap in the file.`,
    );
  }
}

/** A tensor to be written: dense, row-major, float32 or uint8. */
export interface SafetensorsInput {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/**
 * The bytes of a safetensors file. The header is padded with spaces so that values start at a multiple of 8,
 * and float32 values come before bytes, so that every tensor is aligned. `writeSafetensors` is for files that
 * are too large for memory.
 *
 * @param metadata text by text, stored as `__metadata__`; left out when empty
 *
 * @example
 * const file = encodeSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * const { tensors } = await readSafetensorsIndex(memoryByteSource(file));
 * console.log([...tensors.keys()]); // [ 'bias' ]
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, SafetensorsInput>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const inputs = Object.entries(tensors);
  const entries = inputs.map(([key, { shape, data }]) => {
    const dtype = data instanceof Float32Array ? ("float32" as const) : ("uint8" as const);
    return { key, dtype, shape };
  });
  const { header, order, dataLength } = layOutSafetensors(entries, metadata);
  const bytes = new Uint8Array(header.length + dataLength);
  bytes.set(header);
  let at = header.length;
  for (const index of order) {
    const { data } = inputs[index]![1];
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
