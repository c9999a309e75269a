/** What is the same on every platform, by name. Each platform's entry adds how images are read and models opened. */

export type { ArchitectureName } from "./checkpoint/architecture.js";
export { type NpyArray, readNpy, writeNpy } from "./checkpoint/npy.js";
export {
  type CheckpointDownload,
  findModelVariant,
  type ModelVariant,
  modelVariants,
  samModelRegistry,
} from "./checkpoint/registry.js";
export {
  decodeEmbedding,
  decodeEmbeddingNpy,
  encodeEmbedding,
  encodeEmbeddingNpy,
} from "./embeddings/embedding-file.js";
export {
  decodeEmbeddingValues,
  type EmbeddingDescription,
  type EmbeddingDtype,
  encodeEmbeddingValues,
} from "./embeddings/embedding-values.js";
export { toFloat16Bits } from "./embeddings/float16.js";
export type { ImageEmbedding, ModelIdentity } from "./embeddings/image-embedding.js";
export { cosineSimilarity, poolEmbedding } from "./embeddings/mask-pooling.js";
export type {
  CropProgress,
  CropTask,
  CropTimings,
  DecodedMasks,
  Engine,
  EngineCallOptions,
  ModelInfo,
} from "./engine/types.js";
export { SamError, type SamErrorCode } from "./errors.js";
export {
  DecodedProposals,
  type GenerateOptions,
  type GenerationProgress,
  type MaskGeneratorModel,
  type MasksSoFar,
  SamAutomaticMaskGenerator,
} from "./mask-generator/automatic-mask-generator.js";
export { type Crop, generateCropBoxes } from "./mask-generator/crops.js";
export {
  fromMaskRecordJson,
  type MaskRecord,
  type MaskRecordJson,
  type MaskRecordOf,
  type SegmentationByMode,
  toMaskRecordJson,
} from "./mask-generator/mask-record.js";
export { buildAllLayerPointGrids, buildPointGrid } from "./mask-generator/point-grid.js";
export {
  BEHAVIOUR_DEFAULTS,
  type Behaviour,
  type GeneratorDefaults,
  type MaskGeneratorOptions,
  type MaskGeneratorSettings,
  type OutputMode,
  type Selection,
  type SelectionOptions,
} from "./mask-generator/settings.js";
export {
  boxIou,
  boxXywhToXyxy,
  boxXyxyToXywh,
  isBoxNearCropEdge,
  maskToBoxXyxy,
  uncropBox,
  uncropPoint,
} from "./masks/boxes.js";
export { type Click, interiorPoint, nextClick } from "./masks/clicks.js";
export { boxToRle, cocoPolygonsToRle } from "./masks/coco-polygon.js";
export { type DistanceOptions, distanceTransform } from "./masks/distance.js";
export { maskArea, maskIou } from "./masks/iou.js";
export { nonMaximumSuppression } from "./masks/nms.js";
export { maskToPolygons, type Polygon, type Ring } from "./masks/polygons.js";
export { polygonsToMask } from "./masks/polygons-to-mask.js";
export {
  type CleanedMask,
  cleanRegions,
  type LabelledRegions,
  labelRegions,
  removeSmallRegions,
} from "./masks/regions.js";
export {
  compressRle,
  decodeRle,
  decompressRle,
  encodeRle,
  maskToUncompressedRle,
  parseRle,
} from "./masks/rle.js";
export { rleIntersection, rleIou } from "./masks/rle-iou.js";
export { cropRle, mergeRles, placeRle, rleArea, rleToBoxXywh } from "./masks/rle-operations.js";
export { removeSmallRegionsRle, type SmallRegionOptions } from "./masks/rle-regions.js";
export type { Connectivity } from "./masks/row-runs.js";
export type { RleLimits } from "./masks/runs.js";
export { stabilityScore } from "./masks/stability.js";
export type { AnyRle, BoxXywh, BoxXyxy, Mask, Point, Rle, UncompressedRle } from "./masks/types.js";
export type {
  Architecture,
  DecoderArchitecture,
  TinyVitArchitecture,
  VitArchitecture,
} from "./model/architecture.js";
export type { Precision } from "./model/precision.js";
export { type MaskTokens, type PackedPrompts, type PromptInput, packPrompts } from "./model/prompt-batch.js";
export {
  type BatchOptions,
  type LogitMap,
  type Prediction,
  type PredictOptions,
  type PredictorModel,
  SamPredictor,
} from "./predictor.js";
export { printable } from "./printable.js";
export type { ImagePrompt } from "./prompt.js";
export type { Rgb } from "./render/colours.js";
export { cutOut } from "./render/cut-out.js";
export { type DrawMasksOptions, drawMask, drawMasks, type LazyMask } from "./render/draw-masks.js";
export { drawBoxes, drawPoints } from "./render/draw-prompts.js";
export { drawMaskSheet, type MaskSheetOptions, type ScoredMask } from "./render/mask-sheet.js";
export type { Sam } from "./sam.js";
export type { Stability } from "./transforms/mask-stability.js";
export type { MaskStatistics } from "./transforms/mask-statistics.js";
export {
  createMaskUpscaler,
  type MaskUpscaler,
  type MaskUpscalerOptions,
} from "./transforms/mask-upscaling.js";
export type { PreparedImage } from "./transforms/prepare-image.js";
export { type PlanarRgbImage, resizeBilinear } from "./transforms/resize-bilinear.js";
export { ResizeLongestSide } from "./transforms/resize-longest-side.js";
export type { ImagePoint, ModelPoint, RgbaImage, Size } from "./transforms/types.js";
