/** ONNX Runtime in browsers: workers, WebGPU, threads, downloads that are kept. */
export { chooseThreads } from "./devices/browser-threads.js";
export { checkGpuLimits, requestGpu } from "./devices/browser-webgpu.js";
export { clearDownloads, openDownloadCache } from "./downloads/browser-download-cache.js";
export { type FileLoading, loadFile, type WeightsFile } from "./downloads/browser-files.js";
export { sha256Hex } from "./downloads/browser-sha256.js";
export { pageChannel } from "./protocol/browser-page-channel.js";
export { workerChannel } from "./protocol/browser-worker-channel.js";
