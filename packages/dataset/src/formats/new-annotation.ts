import { type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import type { Annotation } from "../record.js";

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
): Annotation {
  return {
    id,
    segmentation,
    bboxXywh: fields.bboxXywh ?? rleToBoxXywh(segmentation),
    area: fields.area ?? rleArea(segmentation),
    isCrowd: false,
    ...fields,
  };
}
