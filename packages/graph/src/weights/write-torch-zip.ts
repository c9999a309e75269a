import { encodePickle, type Picklable, pickledOrderedDict, pickledTensor } from "./pickle/write-pickle.js";
import { elementCount, rowMajorStrides } from "./stored-tensor.js";
import {
  type ByteSink,
  checkKeys,
  type TensorToWrite,
  tensorBytes,
  type WritableDtype,
} from "./tensor-to-write.js";
import { createZipWriter } from "./write-zip.js";

const STORAGE_CLASSES: Readonly<Record<WritableDtype, string>> = {
  float32: "FloatStorage",
  int64: "LongStorage",
  int32: "IntStorage",
  int16: "ShortStorage",
  int8: "CharStorage",
  uint8: "ByteStorage",
  bool: "BoolStorage",
};

/** The version of the format that PyTorch writes since 1.6. */
const FORMAT_VERSION = "3\n";

/**
 * Writes a state dict as PyTorch's `torch.save` does (its zip format): `torch.load(path, weights_only=True)`
 * gives an `OrderedDict` of the tensors in this order. One tensor is in memory at a time.
 *
 * @throws SamError `checkpoint-invalid` for values that don't fit a shape or two tensors of one name,
 *   `checkpoint-unsupported` for values that an element type can't have; what the sink throws
 *
 * @example
 * const file: number[] = [];
 * const bias = { key: "bias", shape: [2], values: () => Float32Array.of(1, 2) };
 * await writeTorchZip([bias], async (bytes) => void file.push(...bytes));
 * const source = memoryByteSource(Uint8Array.from(file));
 * const weights = await openStateDict(source, { name: "tiny", sha256: "0".repeat(64) });
 * console.log(await weights.load("bias")); // Float32Array(2) [ 1, 2 ]
 */
export async function writeTorchZip(tensors: readonly TensorToWrite[], sink: ByteSink): Promise<void> {
  checkKeys(tensors);
  const zip = createZipWriter();
  const write = async (parts: readonly Uint8Array[]): Promise<void> => {
    for (const part of parts) await sink(part);
  };
  const text = new TextEncoder();
  await write(zip.entry("archive/data.pkl", encodeStateDict(tensors)));
  await write(zip.entry("archive/byteorder", text.encode("little")));
  for (const [index, tensor] of tensors.entries())
    await write(zip.entry(`archive/data/${index}`, await tensorBytes(tensor)));
  await write(zip.entry("archive/version", text.encode(FORMAT_VERSION)));
  await write(zip.end());
}

/** The pickle of an `OrderedDict` whose tensors have a storage each, named by their place. */
function encodeStateDict(tensors: readonly TensorToWrite[]): Uint8Array {
  const items = tensors.map(({ key, dtype = "float32", shape }, index): [string, Picklable] => [
    key,
    pickledTensor({
      storageKey: `${index}`,
      storageNumel: elementCount(shape),
      shape,
      strides: rowMajorStrides(shape),
      storageClass: STORAGE_CLASSES[dtype],
    }),
  ]);
  return encodePickle(pickledOrderedDict(new Map(items)));
}
