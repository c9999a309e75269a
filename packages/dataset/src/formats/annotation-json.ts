import { type BoxXywh, cocoBox, type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import { DatasetError } from "../errors.js";
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
import { parseSegmentation, type Segmentation, withoutMetaOffset } from "../masks/segmentation.js";
import type { Annotation, JsonObject, ReadTakers } from "../record.js";

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
 * Reads an annotation as SA-1B's, COCO's and LVIS's files write it. All fields but `id` may be absent, so
 * long as there is a mask or a box.
 *
 * @param size the image's
 * @param where file and record for error messages
 * @param takers of what is left out
 * @throws DatasetError `annotation-invalid`
 */
export function parseAnnotation(
  raw: RawObject,
  size: { readonly width: number; readonly height: number },
  where: string,
  { onLoss }: ReadTakers = {},
): Annotation {
  const id = readId(raw, "id", where);
  const mask = hasOutline(raw) ? parseSegmentation(raw.segmentation, size, where, onLoss) : undefined;
  const statedBox = readBox(raw, mask !== undefined, where, onLoss);
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
    ...shapeOf(mask, statedBox, readOptionalNumber(raw, "area", where), where),
    isCrowd: readOptionalFlag(raw, "iscrowd", where) ?? false,
    ...(categoryId !== undefined && { categoryId }),
    ...(predictedIou !== undefined && { predictedIou }),
    ...(stabilityScore !== undefined && { stabilityScore }),
    ...(cropBoxXywh && { cropBoxXywh }),
    ...(pointCoords && { pointCoords }),
    ...(annotator !== undefined && { annotator }),
    ...(isThing !== undefined && { isThing }),
    ...(extra && { extra }),
  };
}

/** Whether an annotation says what its mask is; those of detection sets have none, or an empty list. */
export function hasOutline({ segmentation }: RawObject): boolean {
  if (segmentation === undefined || segmentation === null) return false;
  return !(Array.isArray(segmentation) && segmentation.length === 0);
}

/** Beside a mask a box of a negative size is left out, for the mask says where it is. */
function readBox(
  raw: RawObject,
  hasMask: boolean,
  where: string,
  onLoss: ReadTakers["onLoss"],
): BoxXywh | undefined {
  const { bbox } = raw;
  if (Array.isArray(bbox) && bbox.length === 0) return undefined;
  if (
    hasMask &&
    Array.isArray(bbox) &&
    bbox.length === 4 &&
    bbox.every(Number.isFinite) &&
    Math.min(bbox[2], bbox[3]) < 0
  ) {
    onLoss?.("boxesBeyondMask", where);
    return undefined;
  }
  return readOptionalBoxXywh(raw, "bbox", where);
}

function shapeOf(
  mask: Segmentation | undefined,
  boxXywh: BoxXywh | undefined,
  area: number | undefined,
  where: string,
): Pick<Annotation, "segmentation" | "bboxXywh" | "area" | "polygons"> {
  if (mask) {
    const tightBox = rleToBoxXywh(mask.segmentation);
    return {
      ...mask,
      bboxXywh: boxXywh ? withoutMetaOffset(boxXywh, tightBox) : tightBox,
      area: area ?? rleArea(mask.segmentation),
    };
  }
  if (boxXywh && boxXywh[2] > 0 && boxXywh[3] > 0)
    return { bboxXywh: cocoBox(boxXywh), area: area ?? boxXywh[2] * boxXywh[3] };
  throw new DatasetError(
    "annotation-invalid",
    `${where}: fields "segmentation" and "bbox" have neither a mask nor a box with a width and a height.`,
  );
}

function readAnnotator(raw: RawObject, where: string): number | string | undefined {
  const value = raw.annotator;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || Number.isFinite(value)) return value as number | string;
  throw invalidField(value, "annotator", where, "a number or a text");
}

/**
 * The fields of an annotation that every one of these formats writes, in the order of Meta's files; a box
 * alone has no outlines.
 */
export function toMaskFields(annotation: Annotation): JsonObject {
  const { id, area, bboxXywh, predictedIou, pointCoords, stabilityScore, cropBoxXywh } = annotation;
  return {
    id,
    segmentation: annotation.segmentation ? toRleJson(annotation.segmentation) : [],
    area,
    bbox: bboxXywh,
    ...(predictedIou !== undefined && { predicted_iou: predictedIou }),
    ...(pointCoords && { point_coords: pointCoords }),
    ...(stabilityScore !== undefined && { stability_score: stabilityScore }),
    ...(cropBoxXywh && { crop_box: cropBoxXywh }),
  };
}

/** The mask as an RLE, its fields in the order of the COCO tools. */
export function toRleJson({ size, counts }: Rle): JsonObject {
  return { size, counts };
}
