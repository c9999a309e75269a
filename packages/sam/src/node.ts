/** The entry for Node: what is the same everywhere, and files, sharp and onnxruntime-node. */
export * from "./index.js";
export { DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./platform/image-limits.js";
export { type ImageFormat, type SniffedImage, sniffImage } from "./platform/image-signature.js";
export { writeFileAtomic } from "./platform/node-atomic-write.js";
export { type CacheSurroundings, cacheDirectory } from "./platform/node-cache-directory.js";
export { type DecoderWeightsOptions, decoderWeights } from "./platform/node-decoder-weights.js";
export {
  type Device,
  type DeviceRequest,
  type Machine,
  type ResolvedDevice,
  resolveDevice,
  thisMachine,
} from "./platform/node-devices.js";
export {
  type DownloadOptions,
  type DownloadProgress,
  downloadCheckpoint,
  findCheckpoint,
} from "./platform/node-download.js";
export { loadImageEmbedding, saveImageEmbedding } from "./platform/node-embeddings.js";
export { graphCacheDirectory } from "./platform/node-engine.js";
export { type ExportOnnxOptions, exportOnnx } from "./platform/node-export.js";
export { makeFolder } from "./platform/node-folders.js";
export { type CacheEntry, clearCachedGraphs, listCachedGraphs } from "./platform/node-graph-cache.js";
export {
  type ImageHeader,
  type OpenedImage,
  type OpenImageOptions,
  openImage,
  readImageHeader,
} from "./platform/node-image-header.js";
export { readableImageFormats, readImage } from "./platform/node-images.js";
export { type LoadSamOptions, loadSam } from "./platform/node-load-sam.js";
export {
  type MeasureOptions,
  measureSpeed,
  type SpeedReport,
  type StepSpeed,
} from "./platform/node-measure.js";
export { openEmbeddedStateDict } from "./platform/node-minisam.js";
export type { StepName } from "./platform/node-model-steps.js";
export { encodeMaskPng, encodePng } from "./platform/node-png.js";
export { type GraphProfile, type ProfileOptions, profileModel } from "./platform/node-profile.js";
export { type OperatorTime, type ProfiledNode, sumByOperator } from "./platform/node-profile-events.js";
export { type DeviceFinding, findDevices } from "./platform/node-providers.js";
export { runtimeVersion } from "./platform/node-runtime.js";
export { loadSharp } from "./platform/node-sharp.js";
