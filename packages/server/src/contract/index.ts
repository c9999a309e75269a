/** The contract between server and clients: schemas of requests, responses and events, and their types. */

export { classListSchema, type KeptClasses } from "./classes.js";
export {
  createEngineClient,
  EngineApiError,
  type EngineClient,
  type EngineClientOptions,
  type EngineRequest,
} from "./engine/client.js";
export type { EngineRoute, RouteAnswer, RouteInput, RouteObject, RouteParams, Rule } from "./engine/route.js";
export { ENGINE_ROUTES, type EngineRouteName, type EngineRoutes } from "./engine/routes.js";
export type { Role } from "./engine/values.js";
export { API_ERROR_STATUS, type ApiErrorBody, type ApiErrorCode, errorSchema } from "./errors.js";
export { type FeatureShapes, readFeatureShapes, writeFeatureShapes } from "./feature-shapes.js";
export {
  EMBEDDING_HEADERS,
  type EmbeddingDtype,
  type EmbeddingStatus,
  embeddingQuerySchema,
  embeddingStatusSchema,
  type ImageEvent,
  type ImageInfo,
  type ImageList,
  imageEventSchema,
  imageIdSchema,
  imageInfoSchema,
  imageListSchema,
  previewQuerySchema,
} from "./images.js";
export {
  type Job,
  type JobEvent,
  type JobProgress,
  jobEventSchema,
  jobIdSchema,
  jobProgressSchema,
  jobSchema,
  type SegmentRequest,
  type SelectionQuery,
  segmentRequestSchema,
  selectionQuerySchema,
} from "./jobs.js";
export {
  type CutOutRequest,
  cutOutRequestSchema,
  type KeptMasks,
  type KeptMasksFrame,
  keptMasksFrameSchema,
  keptMasksSchema,
  type MaskList,
  maskListSchema,
  maskRecordSchema,
  rleSchema,
} from "./masks.js";
export {
  type CurrentVersionAnswer,
  currentVersionEventSchema,
  healthSchema,
  type ModelDescription,
  modelInfoSchema,
  readinessSchema,
} from "./model.js";
export { paths } from "./paths.js";
export {
  MAX_POINTS,
  type PredictRequest,
  type PredictResponse,
  predictRequestSchema,
  predictResponseSchema,
} from "./predict.js";
export { API_VERSION, API_VERSION_HEADER, ENGINE_HEADER } from "./version.js";
