/** Entry for Node: everything platform-independent, plus files, sharp and onnxruntime-node. */

export {
  type AtomicWriteOptions,
  type CacheSurroundings,
  cacheDirectory,
  makeFolder,
  writeFileAtomic,
} from "@segany/runtime/files";
export type { DownloadProgress } from "@segany/runtime/node";
export {
  type CacheEntry,
  clearCachedGraphs,
  type Device,
  type DeviceFinding,
  type DeviceRequest,
  findDevices,
  findPacking,
  graphCacheDirectory,
  listCachedGraphs,
  type Machine,
  type OperatorTime,
  type PackingFinding,
  type ProfiledNode,
  type ResolvedDevice,
  removeDamagedGraphs,
  resolveDevice,
  runtimeVersion,
  sumByOperator,
  thisMachine,
} from "@segany/runtime/node";
export { type DownloadOptions, downloadCheckpoint, findCheckpoint } from "./files/node-checkpoints.js";
export { type DecoderWeightsOptions, decoderWeights } from "./files/node-decoder-weights.js";
export { loadImageEmbedding, saveImageEmbedding } from "./files/node-embeddings.js";
export { type ExportOnnxOptions, exportOnnx } from "./files/node-export.js";
export { openEmbeddedStateDict } from "./files/node-minisam.js";
export { DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./images/image-limits.js";
export { type ImageFormat, type SniffedImage, sniffImage } from "./images/image-signature.js";
export type { Intensity } from "./images/intensity.js";
export { type ImageHeader, readImageHeader } from "./images/node-image-header.js";
export {
  type OpenedImage,
  openImage,
  type ReadImageFileOptions,
  readableImageFormats,
  readImage,
} from "./images/node-images.js";
export { encodeMaskPng, encodePng } from "./images/node-png.js";
export { loadSharp } from "./images/node-sharp.js";
export * from "./index.js";
export {
  type ColdReport,
  type ColdRun,
  type MeasureColdOptions,
  measureCold,
} from "./measuring/node-cold.js";
export {
  type MeasureOptions,
  measureSpeed,
  type SpeedReport,
  type StepSpeed,
} from "./measuring/node-measure.js";
export type { StepName } from "./measuring/node-model-steps.js";
export { type GraphProfile, type ProfileOptions, profileModel } from "./measuring/node-profile.js";
export { type LoadSamOptions, loadSam } from "./processes/node-load-sam.js";
