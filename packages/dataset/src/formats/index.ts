/** The formats without a file system: bytes to records and back, in Node and in browsers alike. */
export { DatasetError, type DatasetErrorCode } from "../errors.js";
export type { RawObject } from "../json/fields.js";
export {
  createJsonSplitter,
  type JsonPiece,
  type JsonSplitter,
  type JsonSplitterOptions,
} from "../json/json-splitter.js";
export { type JsonMeasure, maxJsonDepth, measureJson, parseJson } from "../json/parse-json.js";
export type { LabelMap } from "../masks/label-map.js";
export { parseSegmentation, type Segmentation } from "../masks/segmentation.js";
export { checkFileName, isImageName, isUnreadImageName, stemOf } from "../names/file-names.js";
export { createNameMatcher, type NameMatch, type NameMatcher, readImageName } from "../names/match-names.js";
export { nameKey, safeFileName } from "../names/output-names.js";
export type { DatasetOutput, OutputText } from "../output.js";
export { createReadLossCounter, type ReadLoss, type ReadLossCounter } from "../read-losses.js";
export {
  type Annotation,
  type Category,
  type Dataset,
  type DatasetImage,
  type DatasetRecord,
  hasMask,
  type IgnoreRegion,
  type JsonObject,
  type JsonValue,
  type MaskAnnotation,
  type MaskRecord,
  type ReadProgress,
  type ReadTakers,
  type RecordsOptions,
  withMasksAlone,
} from "../record.js";
export { parseEach } from "../set-aside.js";
export {
  type CategoryCounts,
  cocoHolds,
  parseCocoAnnotation,
  parseCocoCategory,
  parseCocoImage,
  parseIgnoreRegion,
  toCocoAnnotation,
  toCocoCategory,
  toCocoImage,
  toIgnoreRegionJson,
} from "./coco/coco.js";
export { type CocoWriteOptions, cocoWriter } from "./coco/write-coco.js";
export { type Feature, features, type Loss } from "./features.js";
export type { DatasetWriter, WriteOptions, WriteProgress, WriteReport } from "./format.js";
export { kaggleWriter } from "./kaggle/write-kaggle.js";
export { toLabelMap } from "./label-map/label-map-format.js";
export { createLabelMapWriter } from "./label-map/write-label-map.js";
export { beginsLikeLabelStudio } from "./labelstudio/begins.js";
export { encodeBrush } from "./labelstudio/brush-rle.js";
export { labelStudioWriter } from "./labelstudio/write-label-studio.js";
export { createLossCounter, type LossCounter } from "./losses.js";
export { lvisHolds, toLvisAnnotation, toLvisCategory, toLvisImage } from "./lvis/lvis.js";
export { datasetFromRecords } from "./memory-dataset.js";
export { createMemoryOutput, type MemoryOutput } from "./memory-output.js";
export { newAnnotation, newBox } from "./new-annotation.js";
export { createAmgWriter, createPngWriter, type EncodeMask } from "./png/write-png.js";
export {
  parseSa1b,
  parseSa1bAnnotation,
  parseSa1bImage,
  sa1bHolds,
  toSa1b,
  toSa1bAnnotation,
} from "./sa1b/sa1b.js";
export { sa1bWriter } from "./sa1b/write-sa1b.js";
