/**
 * Everything platform-independent, by name. Each platform's entry adds how images are read and models opened.
 */

export type { Precision } from "@segany/graph";
export { type NpyArray, readNpy, toFloat16Bits, writeNpy } from "@segany/graph/weights";
export type {
  Accepts,
  AnyRle,
  BoxXywh,
  BoxXyxy,
  Brand,
  CocoBoxXywh,
  Connectivity,
  ExclusiveBoxXyxy,
  ImagePoint,
  InclusiveBoxXyxy,
  Mask,
  MaskRuns,
  MetaBoxXywh,
  ModelBoxXyxy,
  ModelPoint,
  Point,
  RgbaImage,
  Rle,
  RleLimits,
  Size,
  UncompressedRle,
} from "@segany/masks";
export {
  boxIou,
  boxToRle,
  boxXywhToXyxy,
  boxXyxyToXywh,
  type CleanedMask,
  type Click,
  cleanRegions,
  cocoPolygonsToRle,
  cocoToMetaBox,
  compressRle,
  cropRle,
  type DistanceOptions,
  decodeRle,
  decompressRle,
  distanceTransform,
  encodeRle,
  fromMaskRecordJson,
  interiorPoint,
  isBoxNearCropEdge,
  type LabelledRegions,
  labelRegions,
  type MaskRecord,
  type MaskRecordJson,
  type MaskRecordOf,
  maskArea,
  maskIou,
  maskToBoxXyxy,
  maskToPolygons,
  maskToUncompressedRle,
  mergeRles,
  metaToCocoBox,
  nextClick,
  nonMaximumSuppression,
  type OutputMode,
  type Polygon,
  parseRle,
  placeRle,
  polygonsToMask,
  printable,
  type Ring,
  removeSmallRegions,
  removeSmallRegionsRle,
  rleArea,
  rleIntersection,
  rleIou,
  rleToBoxXywh,
  SamError,
  type SamErrorCode,
  type SegmentationByMode,
  type SmallRegionOptions,
  stabilityScore,
  toExclusiveBox,
  toInclusiveBox,
  toMaskRecordJson,
  uncropBox,
  uncropPoint,
} from "@segany/masks";
export type { EverythingThresholds } from "./checkpoint/everything-thresholds.js";
export {
  type CheckpointDownload,
  findModelVariant,
  type ModelVariant,
  modelVariants,
  samModelRegistry,
} from "./checkpoint/registry.js";
export { findTextModel, type TextModel, textModels } from "./checkpoint/text-models.js";
export {
  decodeEmbedding,
  decodeEmbeddingNpy,
  encodeEmbedding,
  encodeEmbeddingNpy,
} from "./embeddings/embedding-file.js";
export {
  decodeEmbeddingValues,
  describeEmbedding,
  type EmbeddingDescription,
  type EmbeddingDtype,
  encodeEmbeddingValues,
} from "./embeddings/embedding-values.js";
export type { ImageEmbedding, ModelIdentity, Tensor } from "./embeddings/image-embedding.js";
export { cosineSimilarity, poolEmbedding } from "./embeddings/mask-pooling.js";
export type { DecodeRequest, EngineCalls, EngineMethods, SelectRequest } from "./engine/methods.js";
export type { Engine, EngineCallOptions, ModelInfo } from "./engine/types.js";
export type {
  Architecture,
  DecoderArchitecture,
  TinyVitArchitecture,
  VitArchitecture,
} from "./families/sam/architecture.js";
export type { ArchitectureName } from "./families/sam/infer-architecture.js";
export type { Orientation } from "./images/exif.js";
export { readOrientation } from "./images/read-orientation.js";
export { type PlanarRgbImage, resizeBilinear } from "./images/resize-bilinear.js";
export {
  type MaskGeneratorModel,
  SamAutomaticMaskGenerator,
} from "./mask-generator/automatic-mask-generator.js";
export { DecodedProposals } from "./mask-generator/decoded-proposals.js";
export type { GenerationProgress } from "./mask-generator/generation-progress.js";
export { buildAllLayerPointGrids, buildPointGrid } from "./mask-generator/point-grid.js";
export type { GenerateOptions, MasksSoFar } from "./mask-generator/propose-crops.js";
export {
  BEHAVIOUR_DEFAULTS,
  countPrompts,
  type GeneratorDefaults,
  type MaskGeneratorOptions,
  type MaskGeneratorSettings,
} from "./mask-generator/settings.js";
export { type MaskToLogitsOptions, type MaskValues, maskToLogits } from "./mask-to-logits.js";
export type { DecodedMasks } from "./model/decoded-masks.js";
export {
  type ImagePreprocessing,
  type PreprocessingRequest,
  preprocessingPresets,
  resolvePreprocessing,
} from "./model/image-preprocessing.js";
export type { FeatureShapes, ImageFit, ModelIo } from "./model/model-io.js";
export { type MaskTokens, type PackedPrompts, type PromptInput, packPrompts } from "./model/prompt-batch.js";
export type { Stability } from "./postprocessing/mask-stability.js";
export type { MaskStatistics } from "./postprocessing/mask-statistics.js";
export {
  createMaskUpscaler,
  type MaskUpscaler,
  type MaskUpscalerOptions,
} from "./postprocessing/mask-upscaling.js";
export type { Prediction } from "./prediction.js";
export type { LogitMap } from "./prediction-form.js";
export {
  type BatchOptions,
  type PredictOptions,
  type PredictorModel,
  type PredictorOptions,
  SamPredictor,
} from "./predictor.js";
export { modelInputSize, type PreparedImage } from "./preprocessing/prepare-image.js";
export { ResizeLongestSide } from "./preprocessing/resize-longest-side.js";
export type { ImagePrompt } from "./prompt.js";
export { type Crop, generateCropBoxes } from "./proposals/crops.js";
export type { Behaviour, Selection, SelectionOptions } from "./proposals/selection.js";
export type { CropProgress, CropTask, CropTimings } from "./proposals/types.js";
export { removeSpecks, SPECK_AREA_PX, type SpeckOptions } from "./remove-specks.js";
export type { Rgb } from "./render/colours.js";
export { cutOut } from "./render/cut-out.js";
export { type DrawMasksOptions, drawMask, drawMasks, type LazyMask } from "./render/draw-masks.js";
export { drawBoxes, drawPoints } from "./render/draw-prompts.js";
export { drawMaskSheet, type MaskSheetOptions, type ScoredMask } from "./render/mask-sheet.js";
export type { Sam } from "./sam.js";
