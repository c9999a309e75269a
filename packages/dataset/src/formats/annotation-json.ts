import { rleArea, rleToBoxXywh } from "@segany/masks";
import {
  extraOf,
  invalidField,
  type RawObject,
  readId,
  readOptionalBoxXywh,
  readOptionalFlag,
  readOptionalNumber,
  readOptionalPoints,
} from "../json/fields.js";
import { parseSegmentation, withoutMetaOffset } from "../masks/segmentation.js";
import type { Annotation, JsonObject } from "../record.js";

/** The fields of annotations that SA-1B's and COCO's files have in common or that records have a name for. */
export const annotationFields: ReadonlySet<string> = new Set([
  "annotator",
  "area",
  "bbox",
  "category_id",
  "crop_box",
  "id",
  "image_id",
  "iscrowd",
  "isthing",
  "point_coords",
  "predicted_iou",
  "segmentation",
  "stability_score",
]);

/**
 * Reads an annotation as SA-1B's, COCO's and LVIS's files write it; all fields but `id` and `segmentation` may be absent.
 *
 * @param size the image's
 * @param where file and record for error messages
 * @throws DatasetError `annotation-invalid`
 */
export function parseAnnotation(
  raw: RawObject,
  size: { readonly width: number; readonly height: number },
  where: string,
): Annotation {
  const id = readId(raw, "id", where);
  const { segmentation, polygons } = parseSegmentation(raw.segmentation, size, where);
  const statedBox = readOptionalBoxXywh(raw, "bbox", where);
  const tightBox = rleToBoxXywh(segmentation);
  const categoryId = raw.category_id == null ? undefined : readId(raw, "category_id", where);
  const predictedIou = readOptionalNumber(raw, "predicted_iou", where);
  const stabilityScore = readOptionalNumber(raw, "stability_score", where);
  const cropBoxXywh = readOptionalBoxXywh(raw, "crop_box", where);
  const pointCoords = readOptionalPoints(raw, "point_coords", where);
  const annotator = readAnnotator(raw, where);
  const isThing = readOptionalFlag(raw, "isthing", where);
  const extra = extraOf(raw, annotationFields);
  return {
    id,
    segmentation,
    bboxXywh: statedBox ? withoutMetaOffset(statedBox, tightBox) : tightBox,
    area: readOptionalNumber(raw, "area", where) ?? rleArea(segmentation),
    isCrowd: readOptionalFlag(raw, "iscrowd", where) ?? false,
    ...(categoryId !== undefined && { categoryId }),
    ...(predictedIou !== undefined && { predictedIou }),
    ...(stabilityScore !== undefined && { stabilityScore }),
    ...(cropBoxXywh && { cropBoxXywh }),
    ...(pointCoords && { pointCoords }),
    ...(annotator !== undefined && { annotator }),
    ...(isThing !== undefined && { isThing }),
    ...(polygons && { polygons }),
    ...(extra && { extra }),
  };
}

function readAnnotator(raw: RawObject, where: string): number | string | undefined {
  const value = raw.annotator;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || Number.isFinite(value)) return value as number | string;
  throw invalidField(value, "annotator", where, "a number or a text");
}

/** The fields of an annotation that every one of these formats writes, in the order of Meta's files. */
export function toMaskFields(annotation: Annotation): JsonObject {
  const { id, area, bboxXywh, predictedIou, pointCoords, stabilityScore, cropBoxXywh } = annotation;
  return {
    id,
    segmentation: toRleJson(annotation),
    area,
    bbox: bboxXywh,
    ...(predictedIou !== undefined && { predicted_iou: predictedIou }),
    ...(pointCoords && { point_coords: pointCoords }),
    ...(stabilityScore !== undefined && { stability_score: stabilityScore }),
    ...(cropBoxXywh && { crop_box: cropBoxXywh }),
  };
}

/** The mask as an RLE, its fields in the order of the COCO tools. */
export function toRleJson({ segmentation }: Pick<Annotation, "segmentation">): JsonObject {
  return { size: segmentation.size, counts: segmentation.counts };
}
