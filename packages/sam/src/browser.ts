/** The entry for browsers: what is the same everywhere, and onnxruntime-web in workers. */
export * from "./index.js";
export { clearDownloads } from "./platform/browser-download-cache.js";
export type { Provider } from "./platform/browser-engine.js";
export { readImage } from "./platform/browser-images.js";
export {
  type BrowserSam,
  type EmbeddedWeights,
  type LoadProgress,
  type LoadSamDecoderOptions,
  type LoadSamOptions,
  loadSam,
  loadSamDecoder,
  type RunOptions,
  type WeightsSource,
} from "./platform/browser-load-sam.js";
export { sha256Hex } from "./platform/browser-sha256.js";
export { DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./platform/image-limits.js";
