/** Images of the gallery as records of a data set. */

import {
  type JsonObject,
  type JsonValue,
  type MaskAnnotation,
  type MaskRecord,
  safeFileName as safePath,
} from "@segany/dataset/formats";
import { runsToRle } from "@segany/masks";
import { type ClassList, classOf } from "../state/classes.js";
import type { MaskObject } from "../state/document.js";
import type { NewObject } from "../state/edits.js";
import type { GalleryImage } from "../state/types.js";

/**
 * @param id the image's number in the data set
 * @param classes by whose names objects tell their class, in the field `class`
 */
export function toRecord(
  { name, width, height, history }: GalleryImage,
  id: number,
  classes: ClassList,
): MaskRecord {
  const classNameOf = ({ classId }: MaskObject) => classOf(classes, classId)?.name ?? null;
  return {
    image: { id, fileName: safeFileName(name), width, height },
    annotations: history.present.objects.map((object, i) =>
      toAnnotation(object, i + 1, { class: classNameOf(object) }),
    ),
  };
}

/** A name that readers of data sets accept: one file, no folders. */
export function safeFileName(name: string): string {
  return safePath(name.replaceAll("/", "_") || "image");
}

/**
 * The fields of the studio's own, which these formats have no place for. Clicks that are not on the object
 * have none either; `prompt` keeps them all.
 */
export function ownFields(object: NewObject): JsonObject {
  const { name, colour, source, confidence, points = [], boxXyxy = null } = object;
  const prompt: JsonValue = {
    points: points.map(({ at: [x, y], label }) => [x, y, label]),
    box: boxXyxy && [...boxXyxy],
  };
  return { name, colour, source, ...(confidence !== undefined && { model_confidence: confidence }), prompt };
}

/**
 * What is foreign is written as it was read.
 *
 * @param id the annotation's number
 * @param ofClass the field that tells the object's class
 */
export function toAnnotation(object: MaskObject, id: number, ofClass: JsonObject): MaskAnnotation {
  const { segmentation, areaPx, boxXywh, predictedIou, stabilityScore, points, foreign } = object;
  const on = points.filter(({ label }) => label === 1).map(({ at: [x, y] }) => [x, y] as const);
  return {
    id,
    segmentation: runsToRle(segmentation),
    bboxXywh: boxXywh,
    area: areaPx,
    isCrowd: false,
    ...(predictedIou !== null && { predictedIou }),
    ...(stabilityScore !== null && { stabilityScore }),
    ...(on.length > 0 && { pointCoords: on }),
    ...(foreign?.cropBoxXywh && { cropBoxXywh: foreign.cropBoxXywh }),
    extra: { ...ownFields(object), ...ofClass, ...foreign?.extra, uuid: object.id },
  };
}
