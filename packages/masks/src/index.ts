/** Masks: as pixels, as run lengths and as polygons, with their boxes, regions and points. Nothing of Node or of browsers. */
export {
  boxIou,
  boxXywhToXyxy,
  boxXyxyToXywh,
  isBoxNearCropEdge,
  maskToBoxXyxy,
  uncropBox,
  uncropPoint,
} from "./boxes.js";
export { type Click, interiorPoint, nextClick } from "./clicks.js";
export { boxToRle, cocoPolygonsToRle } from "./coco-polygon.js";
export { type DistanceOptions, distanceTransform, squaredDistances } from "./distance.js";
export { SamError, type SamErrorCode, throwIfAborted } from "./errors.js";
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
export { maskToPolygons, type Polygon, type Ring } from "./polygons.js";
export { polygonsToMask } from "./polygons-to-mask.js";
export { printable } from "./printable.js";
export {
  type CleanedMask,
  cleanRegions,
  type LabelledRegions,
  labelRegions,
  removeSmallRegions,
} from "./regions.js";
export { compressRle, decodeRle, decompressRle, encodeRle, maskToUncompressedRle, parseRle } from "./rle.js";
export { rleIntersection, rleIou } from "./rle-iou.js";
export { cropRle, mergeRles, placeRle, rleArea, rleToBoxXywh } from "./rle-operations.js";
export { removeSmallRegionsRle, type SmallRegionOptions } from "./rle-regions.js";
export type { Connectivity } from "./row-runs.js";
export type { RleLimits } from "./runs.js";
export { stabilityScore } from "./stability.js";
export type {
  AnyRle,
  BoxXywh,
  BoxXyxy,
  ImagePoint,
  Mask,
  ModelPoint,
  Point,
  RgbaImage,
  Rle,
  Size,
  UncompressedRle,
} from "./types.js";
