/** For tests: checkpoints in PyTorch's zip format, of any size as a stream, of any content in memory. */
import { open } from "node:fs/promises";
import {
  encodePickle,
  type Picklable,
  pickledOrderedDict,
  pickledTensor,
} from "../weights/pickle/write-pickle.js";
import { elementCount, rowMajorStrides } from "../weights/stored-tensor.js";
import type { TensorToWrite } from "../weights/tensor-to-write.js";
import { writeTorchZip as writeTo } from "../weights/write-torch-zip.js";
import { createZipWriter, joinBytes } from "../weights/write-zip.js";

/** Writes a state dict to a file. Only one tensor is in memory at a time. */
export async function writeTorchZip(path: string, tensors: Iterable<TensorToWrite>): Promise<void> {
  const file = await open(path, "w");
  try {
    await writeTo([...tensors], (bytes) => file.appendFile(bytes));
  } finally {
    await file.close();
  }
}

/** One float32 tensor for {@link encodeTorchZip}. */
export interface TensorInMemory {
  readonly key: string;
  readonly shape: readonly number[];
  readonly values: () => Float32Array;
}

/** A state dict of float32 tensors with the `_metadata` that state_dict() hangs onto it, in memory. */
export function encodeTorchZip(tensors: readonly TensorInMemory[]): Uint8Array<ArrayBuffer> {
  const items = new Map<string, Picklable>();
  const storages: Record<string, Uint8Array> = {};
  tensors.forEach(({ key, shape, values }, index) => {
    const spec = { storageKey: `${index}`, storageNumel: elementCount(shape), shape };
    items.set(key, pickledTensor({ ...spec, strides: rowMajorStrides(shape) }));
    const data = values();
    storages[index] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  });
  return encodeTorchArchive(encodePickle(pickledStateDict(items)), storages);
}

/** What state_dict() gives. */
export function pickledStateDict(items: ReadonlyMap<string, Picklable>): { raw: Uint8Array } {
  const versions = new Map<string, Picklable>([["version", 1]]);
  return pickledOrderedDict(items, new Map([["_metadata", versions]]));
}

/** An archive of any pickle and storages. */
export function encodeTorchArchive(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  const zip = createZipWriter();
  const entries = Object.entries(storages).map(([key, bytes]) => zipEntry(`data/${key}`, bytes));
  const all = [
    zipEntry("data.pkl", pickle),
    ...entries,
    zipEntry("version", new TextEncoder().encode("3\n")),
  ];
  return joinBytes([...all.flatMap(([name, bytes]) => zip.entry(name, bytes)), ...zip.end()]);
}

const zipEntry = (name: string, bytes: Uint8Array) => [`archive/${name}`, bytes] as const;
