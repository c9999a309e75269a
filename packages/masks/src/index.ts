/**
 * Masks: as pixels, as run lengths and as polygons, with their boxes, regions and points. Nothing of Node or
 * of browsers.
 */
export {
  boxIou,
  boxXywhToXyxy,
  boxXyxyToXywh,
  cocoToMetaBox,
  isBoxNearCropEdge,
  maskToBoxXyxy,
  metaToCocoBox,
  toExclusiveBox,
  toInclusiveBox,
  uncropBox,
  uncropPoint,
} from "./boxes.js";
export { cocoBox, exclusiveBox, imagePoint, inclusiveBox, metaBox, modelBox, modelPoint } from "./brands.js";
export { type Click, interiorPoint, nextClick } from "./clicks.js";
export { boxToRle, cocoPolygonsToRle, cocoPolygonsToRuns } from "./coco-polygon.js";
export { type ColumnRuns, columnRunsOf, isInsideRuns } from "./column-runs.js";
export { maskToRuns, runsToMask } from "./dense-runs.js";
export { type DistanceOptions, distanceTransform, squaredDistances } from "./distance.js";
export { SamError, type SamErrorCode, throwIfAborted } from "./errors.js";
export type {
  Accepts,
  BoxXywh,
  BoxXyxy,
  Brand,
  CocoBoxXywh,
  ExclusiveBoxXyxy,
  ImagePoint,
  InclusiveBoxXyxy,
  MetaBoxXywh,
  ModelBoxXyxy,
  ModelPoint,
  Point,
} from "./frames.js";
export { maskArea, maskIou } from "./iou.js";
export { checkMask, checkSameSize } from "./mask.js";
export {
  fromMaskRecordJson,
  type MaskRecord,
  type MaskRecordJson,
  type MaskRecordOf,
  type OutputMode,
  type SegmentationByMode,
  toMaskRecordJson,
} from "./mask-record.js";
export { nonMaximumSuppression } from "./nms.js";
export { maskToPolygons, type Polygon, type PolygonOptions, runsToPolygons } from "./polygons.js";
export { polygonsToMask } from "./polygons-to-mask.js";
export { printable } from "./printable.js";
export { parseRle, parseRuns, type RleLimits, rleToRuns } from "./read-rle.js";
export {
  type CleanedMask,
  cleanRegions,
  type LabelledRegions,
  labelRegions,
  removeSmallRegions,
} from "./regions.js";
export {
  compressRle,
  decodeRle,
  decompressRle,
  encodeRle,
  maskToUncompressedRle,
  runsToRle,
  runsToUncompressedRle,
} from "./rle.js";
export {
  cropRle,
  mergeRles,
  placeRle,
  removeSmallRegionsRle,
  rleArea,
  rleIntersection,
  rleIou,
  rleToBoxXywh,
} from "./rle-operations.js";
export { iouOfRuns, sharedAreaOfRuns } from "./run-iou.js";
export type { Connectivity } from "./run-labels.js";
export { areaOfRuns, boxOfRuns, boxXyxyOfRuns, sameRuns } from "./run-measures.js";
export {
  cropRuns,
  intersectRuns,
  invertRuns,
  placeRuns,
  subtractRuns,
  uniteRuns,
  xorRuns,
} from "./run-operations.js";
export {
  type CleanedRuns,
  cleanRegionsOfRuns,
  removeSmallRegionsOfRuns,
  type SmallRegionOptions,
} from "./run-regions.js";
export { emptyRuns, runsFromChanges } from "./runs.js";
export { stabilityScore } from "./stability.js";
export { type Stroke, strokeToRuns } from "./stroke.js";
export { type Ring, type TracedRing, traceRuns } from "./trace-runs.js";
export type {
  AnyRle,
  Mask,
  MaskRuns,
  RgbaImage,
  Rle,
  Size,
  UncompressedRle,
} from "./types.js";
