import type { BoxXywh, Point } from "./frames.js";
import type { Mask, Rle, UncompressedRle } from "./types.js";

/** Forms in which a mask is handed out. */
export type OutputMode = "binary_mask" | "uncompressed_rle" | "coco_rle";

/** What `segmentation` is in each output mode. */
export interface SegmentationByMode {
  readonly binary_mask: Mask;
  readonly uncompressed_rle: UncompressedRle;
  readonly coco_rle: Rle;
}

/** One mask of an image, in memory; on disk and on the wire it is a {@link MaskRecordJson}. */
export interface MaskRecord<Segmentation = Rle> {
  readonly segmentation: Segmentation;
  /** Pixels inside. */
  readonly area: number;
  /**
   * Pixels of the image. Behaviour `official` keeps Meta's habit of width and height one less than COCO's
   * tools.
   */
  readonly bboxXywh: BoxXywh;
  /** The model's own estimate of the mask's quality. */
  readonly predictedIou: number;
  /** The point that prompted the mask, in pixels of the image. */
  readonly pointCoords: readonly Point[];
  /** IoU of the masks at a raised and a lowered threshold. */
  readonly stabilityScore: number;
  /** The crop the mask was found in, pixels of the image. */
  readonly cropBoxXywh: BoxXywh;
}

/** A record of masks in a given output mode. */
export type MaskRecordOf<Mode extends OutputMode> = MaskRecord<SegmentationByMode[Mode]>;

/** A mask record as SA-1B's files have it. */
export interface MaskRecordJson<Segmentation = Rle> {
  readonly segmentation: Segmentation;
  readonly area: number;
  readonly bbox: BoxXywh;
  readonly predicted_iou: number;
  readonly point_coords: readonly Point[];
  readonly stability_score: number;
  readonly crop_box: BoxXywh;
}

/**
 * The one way from memory to disk.
 *
 * @example
 * const record = fromMaskRecordJson({
 *   segmentation: boxToRle([1, 1, 3, 2], { width: 6, height: 4 }),
 *   area: 6,
 *   bbox: [1, 1, 3, 2],
 *   predicted_iou: 0.9,
 *   point_coords: [[2, 2]],
 *   stability_score: 0.95,
 *   crop_box: [0, 0, 6, 4],
 * });
 * console.log(toMaskRecordJson(record).predicted_iou); // 0.9
 */
export function toMaskRecordJson<S>(record: MaskRecord<S>): MaskRecordJson<S> {
  return {
    segmentation: record.segmentation,
    area: record.area,
    bbox: record.bboxXywh,
    predicted_iou: record.predictedIou,
    point_coords: record.pointCoords,
    stability_score: record.stabilityScore,
    crop_box: record.cropBoxXywh,
  };
}

/**
 * The one way from disk to memory; the shape is the caller's to have checked.
 *
 * @example
 * const record = fromMaskRecordJson({
 *   segmentation: boxToRle([1, 1, 3, 2], { width: 6, height: 4 }),
 *   area: 6,
 *   bbox: [1, 1, 3, 2],
 *   predicted_iou: 0.9,
 *   point_coords: [[2, 2]],
 *   stability_score: 0.95,
 *   crop_box: [0, 0, 6, 4],
 * });
 * console.log(record.bboxXywh, record.predictedIou); // [ 1, 1, 3, 2 ] 0.9
 */
export function fromMaskRecordJson<S>(json: MaskRecordJson<S>): MaskRecord<S> {
  return {
    segmentation: json.segmentation,
    area: json.area,
    bboxXywh: json.bbox,
    predictedIou: json.predicted_iou,
    pointCoords: json.point_coords,
    stabilityScore: json.stability_score,
    cropBoxXywh: json.crop_box,
  };
}
