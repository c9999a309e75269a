import { encodeValues } from "./dtype.js";
import { invalidCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import { elementCount } from "./stored-tensor.js";
import type { TensorDtype } from "./types.js";

/** Element types that are written: weights are float32, and what a model counts with is no float. */
export type WritableDtype = Exclude<TensorDtype, "float64" | "float16" | "bfloat16">;

/** A tensor for a file of weights. */
export interface TensorToWrite {
  /** Its name in the file, such as `mask_decoder.iou_token.weight`. */
  readonly key: string;
  /** Of the elements in the file; float32 when absent. */
  readonly dtype?: WritableDtype;
  readonly shape: readonly number[];
  /**
   * All elements, row-major; asked for once, when its turn comes. Whole numbers for other types than
   * float32.
   */
  readonly values: () => Float32Array | Promise<Float32Array>;
}

/** Takes the bytes of a file one after another. They may change once it has resolved. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/**
 * Refuses two tensors of one name, of which a reader would see one.
 *
 * @throws SamError `checkpoint-invalid`
 */
export function checkKeys(tensors: readonly TensorToWrite[]): void {
  const keys = new Set<string>();
  for (const { key } of tensors) {
    if (keys.has(key)) throw invalidCheckpoint(`Two tensors would be written as "${key}".`);
    keys.add(key);
  }
}

/**
 * The bytes of a tensor in a file.
 *
 * @throws SamError `checkpoint-invalid` for values that don't fit the shape, `checkpoint-unsupported` for
 *   those that the element type can't have
 */
export async function tensorBytes({
  key,
  dtype = "float32",
  shape,
  values,
}: TensorToWrite): Promise<Uint8Array> {
  const data = await values();
  if (data.length !== elementCount(shape))
    throw invalidCheckpoint(
      `The tensor "${key}" has ${data.length} values, but its shape [${shape}] holds ${elementCount(shape)}.`,
    );
  const bytes = encodeValues(dtype, data);
  if (bytes) return bytes;
  throw unsupportedCheckpoint(
    `The tensor "${key}" has values that can't be kept exactly as ${dtype}; it can't be written.`,
  );
}
