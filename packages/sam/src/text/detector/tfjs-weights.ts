/**
 * Weights of a TensorFlow.js graph model: `model.json` names the tensors in the order in which they lie in
 * its shards. The graph itself is not read.
 */
import {
  createStateDict,
  elementCount,
  invalidCheckpoint,
  memoryByteSource,
  type StateDict,
  type StoredTensor,
  unsupportedCheckpoint,
} from "@segany/graph/weights";

/** The files of a graph model. */
export interface TfjsFiles {
  /** `model.json`, parsed. */
  readonly model: unknown;
  /** All shards, one after another. */
  readonly shards: Uint8Array;
  /** SHA-256 of `model.json` followed by the shards, lower-case hex. */
  readonly sha256: string;
  /** Name of the source, for messages. */
  readonly source: string;
}

const BYTES = { float32: 4, int32: 4 } as const;

/**
 * Opens the weights under TensorFlow's names. Kernels get PyTorch's order of axes, without being copied:
 * [kh, kw, in, out] is read as [out, in, kh, kw], a depthwise kernel [kh, kw, channels, 1] as
 * [channels, 1, kh, kw].
 *
 * @throws SamError `checkpoint-invalid` for other files, `checkpoint-unsupported` for quantized weights
 */
export function openTfjsWeights({ model, shards, sha256, source }: TfjsFiles): StateDict {
  const tensors = new Map<string, StoredTensor>();
  let fileOffset = 0;
  for (const entry of weightEntries(model, source)) {
    const { name, shape, dtype } = readEntry(entry, source);
    const storageNumel = elementCount(shape);
    tensors.set(name, { dtype, ...inPyTorchOrder(name, shape), storageOffset: 0, fileOffset, storageNumel });
    fileOffset += storageNumel * BYTES[dtype];
  }
  if (fileOffset !== shards.length)
    throw invalidCheckpoint(
      `${source}: model.json describes ${fileOffset} bytes of weights, the shards have ${shards.length}.`,
    );
  return createStateDict(memoryByteSource(shards), { name: source, sha256 }, tensors);
}

function weightEntries(model: unknown, source: string): readonly unknown[] {
  const groups = (model as { weightsManifest?: unknown } | null)?.weightsManifest;
  const lists = Array.isArray(groups) ? groups.map((group: { weights?: unknown }) => group?.weights) : [];
  if (lists.length === 0 || !lists.every(Array.isArray))
    throw invalidCheckpoint(`${source}: model.json has no list of weights; it is no graph model.`);
  return lists.flat();
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: keyof typeof BYTES;
}

function readEntry(entry: unknown, source: string): Entry {
  const { name, shape, dtype, quantization } = (entry ?? {}) as Record<string, unknown>;
  const isShape = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (typeof name !== "string" || !isShape(shape))
    throw invalidCheckpoint(`${source}: model.json has a weight without a name or a shape.`);
  if (quantization !== undefined || (dtype !== "float32" && dtype !== "int32"))
    throw unsupportedCheckpoint(
      `${source}: the weight "${name}" is ${quantization ? "quantized" : String(dtype)}; float32 is read.`,
    );
  return { name, shape, dtype };
}

function inPyTorchOrder(
  name: string,
  shape: readonly number[],
): { readonly shape: readonly number[]; readonly strides: readonly number[] } {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  if (shape.length !== 4) return { shape, strides };
  const order = name.endsWith("depthwise_weights") ? [2, 3, 0, 1] : [3, 2, 0, 1];
  return { shape: order.map((axis) => shape[axis]!), strides: order.map((axis) => strides[axis]!) };
}
