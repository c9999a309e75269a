/** Segment Anything over HTTP. */

export { API_VERSION } from "./contract/version.js";
export { ServerError, StartError, type StartErrorCode } from "./errors.js";
export { MARKER_NAME as DATA_FOLDER_MARKER } from "./folder/marker.js";
export { ENGINE_FILE } from "./folder/own-names.js";
export { createImageReader, type ImageLibrary, listStoredImages, openImageLibrary } from "./image-library.js";
export {
  type Cluster,
  DEFAULT_LIMITS,
  type Limits,
  type ServerOptions,
  type TextModel,
  type TrustedProxy,
  type WorkerModel,
} from "./options.js";
export { type RunningServer, startServer } from "./server.js";
export { studioDirectory } from "./studio-directory.js";
export { type RunningWorker, startWorker, type WorkerOptions } from "./worker/start-worker.js";
