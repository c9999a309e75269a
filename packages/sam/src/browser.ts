/** The entry for browsers: what is the same everywhere, and onnxruntime-web in workers. */

export { clearDownloads, sha256Hex } from "@segany/runtime/browser";
export { readImage } from "./images/browser-images.js";
export { DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./images/image-limits.js";
export * from "./index.js";
export type { Provider } from "./processes/browser-engine.js";
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
} from "./processes/browser-load-sam.js";
