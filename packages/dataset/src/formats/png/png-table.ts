/**
 * `metadata.csv` beside an image's mask PNGs: the table of Meta's `amg.py`, with further columns after its
 * own.
 */
import type { Annotation } from "../../record.js";
import { type CsvField, formatCsv } from "../csv.js";
import type { Feature } from "../features.js";

/** The name of the table. */
export const tableFile = "metadata.csv";

const amgFeatures = [
  "areas",
  "boxes",
  "cropBoxes",
  "exactMasks",
  "holes",
  "overlaps",
  "parts",
  "predictedIou",
  "stabilityScore",
] as const satisfies readonly Feature[];

/** What `amg.py`'s own columns and that of the class can hold, beside the first of a mask's points. */
export const amgHolds: ReadonlySet<Feature> = new Set<Feature>([...amgFeatures, "categories"]);

/** What a folder of mask PNGs with its table can hold. */
export const pngHolds: ReadonlySet<Feature> = new Set<Feature>([
  ...amgFeatures,
  "annotationIds",
  "annotator",
  "categories",
  "crowd",
  "pointCoords",
]);

export const boxColumns = ["bbox_x0", "bbox_y0", "bbox_w", "bbox_h"] as const;
export const cropColumns = ["crop_box_x0", "crop_box_y0", "crop_box_w", "crop_box_h"] as const;
const amgColumns = [
  "id",
  "area",
  ...boxColumns,
  "point_input_x",
  "point_input_y",
  "predicted_iou",
  "stability_score",
  ...cropColumns,
] as const;
const ownColumns = ["annotation_id", "category", "iscrowd", "annotator", "further_points"] as const;

/** The name of a class. */
type NameOf = (categoryId: number | undefined) => string | undefined;

/**
 * Writes the table with the columns of `amg.py` alone; mask `i` is in the file `i.png`.
 *
 * @param nameOf adds a column with the class
 */
export function formatAmgTable(annotations: readonly Annotation[], nameOf?: NameOf): string {
  if (!nameOf) return formatCsv([amgColumns, ...annotations.map(amgFields)]);
  const rows = annotations.map((each, i) => [...amgFields(each, i), nameOf(each.categoryId)]);
  return formatCsv([[...amgColumns, "category"], ...rows]);
}

/**
 * Writes the table; mask `i` is in the file `i.png`.
 */
export function formatPngTable(annotations: readonly Annotation[], nameOf: NameOf): string {
  const rows = annotations.map((annotation, i) => {
    const { id, categoryId, isCrowd, annotator, pointCoords = [] } = annotation;
    const furtherPoints = pointCoords.length > 1 ? JSON.stringify(pointCoords.slice(1)) : undefined;
    return [...amgFields(annotation, i), id, nameOf(categoryId), isCrowd ? 1 : 0, annotator, furtherPoints];
  });
  return formatCsv([[...amgColumns, ...ownColumns], ...rows]);
}

function amgFields(annotation: Annotation, number: number): CsvField[] {
  const { area, bboxXywh, pointCoords, predictedIou, stabilityScore, cropBoxXywh } = annotation;
  const [x, y] = pointCoords?.[0] ?? [];
  const crop = cropBoxXywh ?? [undefined, undefined, undefined, undefined];
  return [number, area, ...bboxXywh, x, y, predictedIou, stabilityScore, ...crop];
}
