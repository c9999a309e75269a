import { type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import type { Annotation } from "../record.js";

/** Makes an annotation of a mask; area and box are counted unless given. */
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
