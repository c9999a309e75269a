/** Data sets of masks: read, written, checked and converted as streams. */
export { type ConvertOptions, convert } from "./convert/convert.js";
export { type OpenOptions, openDataset } from "./convert/open-dataset.js";
export { DatasetError, type DatasetErrorCode } from "./errors.js";
export { type Feature, features, type Loss } from "./formats/features.js";
export type {
  DatasetFormat,
  ReadOptions,
  WriteOptions,
  WriteProgress,
  WriteReport,
} from "./formats/format.js";
export { datasetFromRecords } from "./formats/memory-dataset.js";
export { parseSa1b, toSa1b } from "./formats/sa1b.js";
export { cocoFormat, lvisFormat, sa1bFormat } from "./io/formats.js";
export { type CocoReadOptions, readCoco } from "./io/read-coco.js";
export { readSa1b } from "./io/read-sa1b.js";
export { datasetFormats, detectFormat, findFormat } from "./io/registry.js";
export { writeCoco } from "./io/write-coco.js";
export { type Sa1bWriteOptions, writeSa1b } from "./io/write-sa1b.js";
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
} from "./record.js";
export type { ValidateOptions } from "./validate/options.js";
export type { Problem, ProblemCode, ValidationReport } from "./validate/problems.js";
export { validate } from "./validate/validate.js";
