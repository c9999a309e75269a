/** Entry for browsers: everything platform-independent, plus onnxruntime-web in workers. */

export { clearDownloads, sha256Hex } from "@segany/runtime/browser";
export { readImage } from "./images/browser-images.js";
export { DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./images/image-limits.js";
export * from "./index.js";
export type { Provider } from "./processes/browser-engine.js";
export type {
  EmbeddedWeights,
  LoadProgress,
  LoadSamDecoderOptions,
  LoadSamOptions,
  RunOptions,
  WeightsSource,
} from "./processes/browser-load-options.js";
export { type BrowserSam, loadSam, loadSamDecoder } from "./processes/browser-load-sam.js";
