import type { ByteSource } from "./byte-source.js";
import { readRange } from "./byte-source.js";
import { dtypeSizes, toFloat32 } from "./dtype.js";
import { invalidCheckpoint } from "./invalid.js";
import type { TensorInfo } from "./types.js";

/** Where a tensor's values lie: a strided window into a range of the file that other tensors may share. */
export interface StoredTensor extends TensorInfo {
  /** In elements, one for each dimension, never negative (0 repeats an element). */
  readonly strides: readonly number[];
  /** First element, counted from the start of the storage. */
  readonly storageOffset: number;
  /** The storage's first byte in the file. */
  readonly fileOffset: number;
  /** Elements in the storage. */
  readonly storageNumel: number;
}

const maxRank = 32;
/**
 * A window with repeated elements may be larger than its storage; this bounds what a forged one can allocate
 * (64 MiB).
 */
const maxRepeatedNumel = 2 ** 24;

/**
 * Checks a tensor's numbers against its storage, so that loading it cannot read outside or allocate without
 * bound.
 *
 * @param name for messages
 * @throws SamError `checkpoint-invalid`
 */
export function checkStoredTensor(
  name: string,
  { shape, strides, storageOffset, storageNumel }: Omit<StoredTensor, "fileOffset">,
): void {
  const refuse = (reason: string) =>
    invalidCheckpoint(
      `The tensor "${name}" (shape [${shape}], strides [${strides}], offset ${storageOffset}) ${reason}.`,
    );
  if (shape.length !== strides.length || shape.length > maxRank)
    throw refuse("has shape and strides that do not fit");
  for (const value of [...shape, ...strides, storageOffset]) {
    if (!Number.isSafeInteger(value) || value < 0) throw refuse(`holds the impossible number ${value}`);
  }
  const numel = elementCount(shape);
  const last = storageOffset + (numel === 0 ? -1 : lastElement(shape, strides));
  if (last >= storageNumel) throw refuse(`reaches outside its storage of ${storageNumel} elements`);
  if (numel > Math.max(storageNumel, maxRepeatedNumel)) throw refuse("repeats its elements too often");
}

/** The strides of a dense row-major tensor, in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(shape[axis]!, 1);
  }
  return strides;
}

/**
 * Number of elements of a shape; 1 for a scalar.
 *
 * @example
 * console.log(elementCount([2, 3, 4])); // 24
 */
export function elementCount(shape: readonly number[]): number {
  // A zero decides first: forged sizes may overflow to infinity, and infinity times zero is not a number.
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/**
 * Reads one tensor as dense row-major float32; only the bytes between its first and its last element are
 * read.
 *
 * @example
 * const file = encodeSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * const source = memoryByteSource(file);
 * const { tensors } = await readSafetensorsIndex(source);
 * console.log(await loadStoredTensor(source, tensors.get("bias")!, "bias")); // Float32Array(2) [ 1, 2 ]
 */
export async function loadStoredTensor(
  source: ByteSource,
  tensor: StoredTensor,
  name: string,
): Promise<Float32Array<ArrayBuffer>> {
  const numel = elementCount(tensor.shape);
  if (numel === 0) return new Float32Array(0);
  const itemSize = dtypeSizes[tensor.dtype];
  const extent = lastElement(tensor.shape, tensor.strides) + 1;
  const offset = tensor.fileOffset + tensor.storageOffset * itemSize;
  const bytes = await readRange(source, offset, extent * itemSize, `The tensor "${name}"`);
  const values = toFloat32(tensor.dtype, bytes);
  return isRowMajor(tensor) ? values : gatherStrided(values, tensor.shape, tensor.strides);
}

/**
 * Copies a strided window into dense row-major order.
 *
 * @param values from the window's first element on
 * @param strides in elements
 */
export function gatherStrided(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

function lastElement(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0);
}

/**
 * True when the elements already lie in row-major order without gaps; the stride of a dimension of size 1 is
 * free.
 */
function isRowMajor({ shape, strides }: StoredTensor): boolean {
  const dense = rowMajorStrides(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === dense[axis]);
}
