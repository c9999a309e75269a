/** What is the same on every platform. Each platform's entry adds how images are read and models are opened. */
export { cosineSimilarity, poolEmbedding } from "./embeddings/mask-pooling.js";
export { decodeEmbedding, decodeEmbeddingNpy, encodeEmbedding, encodeEmbeddingNpy } from "./embeddings/embedding-file.js";
export type { ImageEmbedding, ModelIdentity } from "./embeddings/image-embedding.js";
export type { DecodedMasks, Engine, ModelInfo } from "./engine/types.js";
export { SamError, type SamErrorCode } from "./errors.js";
export {
  DecodedProposals,
  type GenerateOptions,
  type GenerationProgress,
  SamAutomaticMaskGenerator,
} from "./mask-generator/automatic-mask-generator.js";
export { type Crop, generateCropBoxes } from "./mask-generator/crops.js";
export {
  fromMaskRecordJson,
  type MaskRecord,
  type MaskRecordJson,
  type MaskRecordOf,
  toMaskRecordJson,
} from "./mask-generator/mask-record.js";
export { buildAllLayerPointGrids, buildPointGrid } from "./mask-generator/point-grid.js";
export { BEHAVIOUR_DEFAULTS, type Behaviour, type MaskGeneratorOptions, type OutputMode, type SelectionOptions } from "./mask-generator/settings.js";
export { type LogitMap, type Prediction, type PredictOptions, SamPredictor } from "./predictor.js";
export type { ImagePrompt } from "./prompt.js";
export type { Sam } from "./sam.js";
export { readNpy, writeNpy } from "./checkpoint/npy.js";
export { findModelVariant, type ModelVariant, modelVariants, samModelRegistry } from "./checkpoint/registry.js";
