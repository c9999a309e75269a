/** ONNX Runtime on Node: sessions, devices, the cache of built graphs, downloads, measuring. */
export {
  type CacheEntry,
  clearCachedGraphs,
  listCachedGraphs,
  openCachedGraph,
  removeDamagedGraphs,
} from "./cache/node-graph-cache.js";
export { findPacking, type PackingFinding } from "./cache/node-pack-later.js";
export { graphCacheDirectory, sessionOpener } from "./cache/node-session-opener.js";
export {
  type DeviceRequest,
  type Machine,
  type ResolvedDevice,
  resolveDevice,
  thisMachine,
} from "./devices/node-devices.js";
export { type DeviceFinding, findDevices } from "./devices/node-providers.js";
export { type DownloadProgress, downloadFile, type FileDownloadOptions } from "./downloads/node-download.js";
export { openMatrixProduct } from "./measuring/node-matrix-product.js";
export {
  type OperatorTime,
  type ProfiledNode,
  readProfile,
  sumByOperator,
} from "./measuring/node-profile-events.js";
export type { Device } from "./sessions/device.js";
export { createNodeSession, type NodeSessionOptions, runtimeVersion } from "./sessions/node-session.js";
