import { rleArea, rleToBoxXywh } from "@segany/masks";
import type { Annotation, MaskAnnotation } from "../record.js";
import type { BoxMask } from "./predict-masks.js";

/** The annotation of a box with the mask that was made for it: its box and area are the mask's. */
export function withMask(annotation: Annotation, { segmentation, predictedIou }: BoxMask): MaskAnnotation {
  return {
    ...annotation,
    segmentation,
    bboxXywh: rleToBoxXywh(segmentation),
    area: rleArea(segmentation),
    predictedIou,
  };
}
