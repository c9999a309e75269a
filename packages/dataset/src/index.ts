/** Data sets of masks: read, written, checked and converted as streams. */

export { type BoxJournal, type BoxTask, openBoxJournal } from "./box-masks/box-journal.js";
export {
  type BoxOutcome,
  type MasksFromBoxesOptions,
  masksFromBoxes,
} from "./box-masks/masks-from-boxes.js";
export type { BoxMask, BoxPredictor } from "./box-masks/predict-masks.js";
export type { Problem, ProblemCode, TurnedImages, ValidationReport } from "./checks/problems.js";
export type { ValidateOptions } from "./checks/validate-settings.js";
export { type ConvertOptions, convert } from "./convert/convert.js";
export { type OpenOptions, openDataset } from "./convert/open-dataset.js";
export { DatasetError, type DatasetErrorCode } from "./errors.js";
export { createFolderOutput } from "./files/folder-output.js";
export { createImageFinder, type FoundImage, type ImageFinder } from "./files/image-finder.js";
export { lookAt, type Sight } from "./files/sight.js";
export { cocoFormat } from "./formats/coco/node-coco-format.js";
export { type CocoReadOptions, readCoco } from "./formats/coco/node-read-coco.js";
export { cvatWriter } from "./formats/cvat/write-cvat.js";
export { type Feature, features, type Loss } from "./formats/features.js";
export type {
  DatasetFormat,
  DatasetWriter,
  Detection,
  ReadableFormat,
  ReadOptions,
  WriteOptions,
  WriteProgress,
  WriteReport,
} from "./formats/format.js";
export { labelMapFormat } from "./formats/label-map/node-label-map-format.js";
export { labelmeFormat } from "./formats/labelme/node-labelme-format.js";
export { lvisFormat } from "./formats/lvis/node-lvis-format.js";
export { datasetFromRecords } from "./formats/memory-dataset.js";
export {
  datasetFormats,
  detectFormat,
  findFormat,
  findReadableFormat,
  readableFormats,
} from "./formats/node-registry.js";
export { panopticWriter } from "./formats/panoptic/write-panoptic.js";
export { pngFormat } from "./formats/png/node-png-format.js";
export { readSa1b } from "./formats/sa1b/node-read-sa1b.js";
export { sa1bFormat } from "./formats/sa1b/node-sa1b-format.js";
export { type Sa1bWriteOptions, writeSa1b } from "./formats/sa1b/node-write-sa1b.js";
export { parseSa1b, toSa1b } from "./formats/sa1b/sa1b.js";
export { semanticFormat } from "./formats/semantic/node-semantic-format.js";
export { vocFormat } from "./formats/voc/node-voc-format.js";
export { yoloFormat } from "./formats/yolo/node-yolo-format.js";
export { type InpaintingMaskOptions, inpaintingMask } from "./inpainting/inpainting-mask.js";
export {
  type InpaintingLayout,
  type InpaintingOptions,
  type InpaintingReport,
  writeInpainting,
} from "./inpainting/write-inpainting.js";
export { parseJson } from "./json/parse-json.js";
export { createNameMatcher, type NameMatch, type NameMatcher, readImageName } from "./names/match-names.js";
export { nameKey, type RenamedFile, safeFileName } from "./names/output-names.js";
export { clearCrowds } from "./operations/clear-crowds.js";
export { fileNamePattern } from "./operations/file-name-pattern.js";
export { type FilterOptions, filterDataset } from "./operations/filter.js";
export { type MergeOptions, mergeDatasets } from "./operations/merge.js";
export { type RelabelOptions, relabelIds } from "./operations/relabel-ids.js";
export { type RemapOptions, remapCategories } from "./operations/remap-categories.js";
export { type SampleOptions, sampleDataset } from "./operations/sample.js";
export { type SplitOptions, splitDataset } from "./operations/split.js";
export type { DatasetOutput, OutputText } from "./output.js";
export {
  createReadLossCounter,
  type OnReadLoss,
  type ReadLoss,
  type ReadLossCounter,
  type ReadLossKind,
  readLosses,
} from "./read-losses.js";
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
} from "./record.js";
export type { OnProblem } from "./set-aside.js";
export {
  type CategoryCount,
  collectStatistics,
  type DatasetStatistics,
  type MasksPerImage,
} from "./statistics/collect-statistics.js";
export { type Histogram, quantileOf } from "./statistics/histogram.js";
export { formatStatisticsPage } from "./statistics/statistics-page.js";
export { formatStatisticsTable } from "./statistics/statistics-table.js";
export { validate } from "./validate/validate.js";
export {
  type ContactSheetOptions,
  type ContactSheetReport,
  writeContactSheet,
} from "./view/contact-sheet.js";
