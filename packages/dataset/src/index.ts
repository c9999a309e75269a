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
export { nameKey, type RenamedFile, safeFileName } from "./formats/output-names.js";
export { parseJson } from "./formats/parse-json.js";
export { parseSa1b, toSa1b } from "./formats/sa1b.js";
export type { OnProblem } from "./formats/set-aside.js";
export { type InpaintingMaskOptions, inpaintingMask } from "./inpainting/inpainting-mask.js";
export {
  type InpaintingLayout,
  type InpaintingOptions,
  type InpaintingReport,
  writeInpainting,
} from "./inpainting/write-inpainting.js";
export { cocoFormat, lvisFormat, sa1bFormat } from "./io/formats.js";
export { labelMapFormat } from "./io/label-map.js";
export { labelmeFormat } from "./io/labelme.js";
export { pngFormat } from "./io/png.js";
export { type CocoReadOptions, readCoco } from "./io/read-coco.js";
export { readSa1b } from "./io/read-sa1b.js";
export { datasetFormats, detectFormat, findFormat } from "./io/registry.js";
export { semanticFormat } from "./io/semantic.js";
export { vocFormat } from "./io/voc.js";
export { writeCoco } from "./io/write-coco.js";
export { type Sa1bWriteOptions, writeSa1b } from "./io/write-sa1b.js";
export { yoloFormat } from "./io/yolo.js";
export { type FilterOptions, filterDataset } from "./operations/filter.js";
export { type MergeOptions, mergeDatasets } from "./operations/merge.js";
export { type RelabelOptions, relabelIds } from "./operations/relabel-ids.js";
export { type RemapOptions, remapCategories } from "./operations/remap-categories.js";
export { type SampleOptions, sampleDataset } from "./operations/sample.js";
export { type SplitOptions, splitDataset } from "./operations/split.js";
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
export {
  type CategoryCount,
  collectStatistics,
  type DatasetStatistics,
  type MasksPerImage,
} from "./statistics/collect-statistics.js";
export { type Histogram, quantileOf } from "./statistics/histogram.js";
export { formatStatisticsPage } from "./statistics/statistics-page.js";
export { formatStatisticsTable } from "./statistics/statistics-table.js";
export type { ValidateOptions } from "./validate/options.js";
export type { Problem, ProblemCode, ValidationReport } from "./validate/problems.js";
export { validate } from "./validate/validate.js";
export {
  type ContactSheetOptions,
  type ContactSheetReport,
  writeContactSheet,
} from "./view/contact-sheet.js";
