import type { Annotation } from "@segany/dataset/formats";

const COLUMNS = [
  "id",
  "area",
  "bbox_x0",
  "bbox_y0",
  "bbox_w",
  "bbox_h",
  "point_input_x",
  "point_input_y",
  "predicted_iou",
  "stability_score",
  "category",
] as const;

/**
 * `metadata.csv` beside a picture's mask PNGs: the columns of Meta's `amg.py`, and the class. (The data set package's own
 * writer stands on a library for Node.)
 */
export function formatMaskTable(
  annotations: readonly Annotation[],
  classOf: (annotation: Annotation) => string,
): string {
  const rows = annotations.map((annotation, i) => {
    const { area, bboxXywh, pointCoords, predictedIou = "", stabilityScore = "" } = annotation;
    const point = pointCoords?.[0] ?? ["", ""];
    return [i, area, ...bboxXywh, ...point, predictedIou, stabilityScore, quote(classOf(annotation))].join();
  });
  return `${[COLUMNS.join(), ...rows].join("\n")}\n`;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
