/**
 * Files of weights: PyTorch's formats, safetensors and NumPy, as tensors that are read when asked for, and
 * written one after another. Nothing is executed.
 */
export { type ByteSource, blobByteSource, memoryByteSource } from "./weights/byte-source.js";
export { toFloat32 } from "./weights/dtype.js";
export { toFloat16Bits } from "./weights/float16.js";
export { invalidCheckpoint, unsupportedCheckpoint } from "./weights/invalid.js";
export { type NpyArray, readNpy, writeNpy } from "./weights/npy.js";
export {
  type CheckpointIdentity,
  createStateDict,
  type KeyMap,
  openShardedStateDict,
  openStateDict,
} from "./weights/open-state-dict.js";
export { encodeSafetensors, readSafetensorsIndex, type SafetensorsInput } from "./weights/safetensors.js";
export { createShapeReader, type ShapeReader } from "./weights/shape-reader.js";
export { maxShardIndexBytes, parseShardIndex, type ShardIndex } from "./weights/shards.js";
export { elementCount, loadStoredTensor, type StoredTensor } from "./weights/stored-tensor.js";
export type { ByteSink, TensorToWrite, WritableDtype } from "./weights/tensor-to-write.js";
export type { StateDict, TensorDtype, TensorInfo } from "./weights/types.js";
export { writeSafetensors } from "./weights/write-safetensors.js";
export { writeTorchZip } from "./weights/write-torch-zip.js";
