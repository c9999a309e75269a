/** Pictures of the gallery as records of a data set. */

import {
  type Annotation,
  type DatasetRecord,
  type JsonValue,
  safeFileName as safePath,
} from "@segany/dataset/formats";
import { runsToRle } from "@segany/masks";
import type { MaskObject } from "../state/document.js";
import type { Picture } from "../state/types.js";

/** @param id the image's number in the data set */
export function toRecord({ name, width, height, history }: Picture, id: number): DatasetRecord {
  return {
    image: { id, fileName: safeFileName(name), width, height },
    annotations: history.present.objects.map((object, i) => toAnnotation(object, i + 1)),
  };
}

/** A name that readers of data sets accept: one file, no folders. */
export function safeFileName(name: string): string {
  return safePath(name.replaceAll("/", "_") || "picture");
}

/** Clicks that are not on the object have no field in these formats; `prompt` keeps them all. Nor has a colour. */
function toAnnotation(object: MaskObject, id: number): Annotation {
  const { segmentation, areaPx, boxXywh, predictedIou, stabilityScore, points, boxXyxy } = object;
  const { name, colour, source } = object;
  const on = points.filter(({ label }) => label === 1).map(({ at: [x, y] }) => [x, y] as const);
  const prompt: JsonValue = {
    points: points.map(({ at: [x, y], label }) => [x, y, label]),
    box: boxXyxy && [...boxXyxy],
  };
  return {
    id,
    segmentation: runsToRle(segmentation),
    bboxXywh: boxXywh,
    area: areaPx,
    isCrowd: false,
    ...(predictedIou !== null && { predictedIou }),
    ...(stabilityScore !== null && { stabilityScore }),
    ...(on.length > 0 && { pointCoords: on }),
    extra: { name, colour, source, prompt },
  };
}
