/** Element types a checkpoint may hold. */
export type TensorDtype =
  | "float64"
  | "float32"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** What is known of a tensor before its values are read. */
export interface TensorInfo {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

/**
 * The weights of a model under Meta's original key names, read lazily: opening costs the index only, and
 * every `load` reads one tensor, so that peak memory stays near one copy of what the caller keeps.
 */
export interface StateDict {
  /**
   * SHA-256 of the checkpoint file, lower-case hex (for the embedded weights: of the files they are read
   * from, concatenated in a fixed order).
   */
  readonly sha256: string;
  /** Where it was read from, for messages. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Texts beside the tensors, by name; missing for a file of another format than safetensors. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Values as contiguous row-major float32, whatever the stored dtype and strides; throws
   * `checkpoint-invalid` naming a missing key.
   */
  load(key: string): Promise<Float32Array>;
  /** Releases the file. Loading afterwards throws. */
  close(): Promise<void>;
}
