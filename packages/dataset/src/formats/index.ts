/** The formats without files: parsed JSON to records and back, in Node and in browsers alike. */
export { DatasetError, type DatasetErrorCode } from "../errors.js";
export type {
  Annotation,
  Category,
  Dataset,
  DatasetImage,
  DatasetRecord,
  IgnoreRegion,
  JsonObject,
  JsonValue,
  ReadProgress,
  RecordsOptions,
} from "../record.js";
export {
  cocoHolds,
  parseCocoAnnotation,
  parseCocoCategory,
  parseCocoImage,
  parseIgnoreRegion,
  toCocoAnnotation,
  toCocoCategory,
  toCocoImage,
  toIgnoreRegionJson,
} from "./coco.js";
export { type Feature, features, type Loss } from "./features.js";
export type { RawObject } from "./fields.js";
export { checkFileName } from "./file-names.js";
export {
  createJsonSplitter,
  type JsonPiece,
  type JsonSplitter,
  type JsonSplitterOptions,
} from "./json-splitter.js";
export type { LabelMap } from "./label-map.js";
export { toLabelMap } from "./label-map-format.js";
export { createLossCounter, type LossCounter } from "./losses.js";
export { type CategoryCounts, lvisHolds, toLvisAnnotation, toLvisCategory, toLvisImage } from "./lvis.js";
export { datasetFromRecords } from "./memory-dataset.js";
export { nameKey, safeFileName } from "./output-names.js";
export { type JsonMeasure, maxJsonDepth, measureJson, parseJson } from "./parse-json.js";
export { parseSa1b, parseSa1bAnnotation, parseSa1bImage, sa1bHolds, toSa1b } from "./sa1b.js";
export { parseSegmentation, type Segmentation } from "./segmentation.js";
