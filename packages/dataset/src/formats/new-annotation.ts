import { type BoxXywh, cocoBox, type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import type { Annotation, MaskAnnotation } from "../record.js";

/**
 * Makes an annotation of a mask; area and box are counted unless given.
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const { area, bboxXywh } = newAnnotation(1, boxToRle([5, 8, 10, 4], { width: 64, height: 48 }));
 * console.log(area, bboxXywh); // 40 [ 5, 8, 10, 4 ]
 */
export function newAnnotation(
  id: number,
  segmentation: Rle,
  fields: Partial<Omit<Annotation, "id" | "segmentation">> = {},
): MaskAnnotation {
  return {
    id,
    segmentation,
    bboxXywh: fields.bboxXywh ?? rleToBoxXywh(segmentation),
    area: fields.area ?? rleArea(segmentation),
    isCrowd: false,
    ...fields,
  };
}

/**
 * Makes an annotation of a box without a mask, pixels; its area is the box's unless given.
 *
 * @example
 * console.log(newBox(1, [5, 8, 10, 4]).area); // 40
 */
export function newBox(
  id: number,
  bboxXywh: BoxXywh,
  fields: Partial<Omit<Annotation, "id" | "segmentation" | "bboxXywh">> = {},
): Annotation {
  const [, , width, height] = bboxXywh;
  return { id, bboxXywh: cocoBox(bboxXywh), area: width * height, isCrowd: false, ...fields };
}
