/** FiftyOne's samples: boxes as parts of the image, with masks of the size of the box as packed arrays. */
import { type BoxXywh, encodeRle, type Mask, placeRle, type Rle, type Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { asList, asObject, type RawObject, show } from "../../json/fields.js";
import { splitLabelMap } from "../../masks/label-map.js";
import type { Annotation, JsonObject, JsonValue, ReadTakers } from "../../record.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { joinMasks, maskOfRing } from "../shapes.js";

/** An array of whole numbers, row-major. */
export interface NumberMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint16Array;
}

/** Reads the mask of a label, wherever it is; undefined for a label without one. */
export type MaskReader = (label: RawObject, where: string) => Promise<NumberMap | undefined>;

/** What parsing needs to know of the set. */
export interface FiftyOneContext {
  readonly size: Size;
  readonly categoryIds: (name: string) => number | undefined;
  readonly readMask: MaskReader;
}

/** The fields of a label that records have a name for, or that say nothing outside FiftyOne. */
const KNOWN = new Set([
  "_id",
  "_cls",
  "id",
  "label",
  "bounding_box",
  "mask",
  "mask_path",
  "points",
  "closed",
  "filled",
  "iscrowd",
]);

/**
 * Reads a detection: its mask in its box, else the box alone. `confidence`, `index` and attributes are kept
 * as extra fields.
 *
 * @throws DatasetError `annotation-invalid`
 */
export async function parseDetection(
  label: RawObject,
  { size, categoryIds, readMask }: FiftyOneContext,
  where: string,
): Promise<Annotation> {
  const box = readBox(label.bounding_box, size, where);
  const fields = fieldsOf(label, categoryIds);
  const mask = await readMask(label, where);
  if (!mask) return newBox(0, box, fields);
  return newAnnotation(0, placeMask(mask, box, size, where), fields);
}

/** The mask is stretched to the box's pixels where it has others, as FiftyOne does. */
function placeMask(mask: NumberMap, [x, y, width, height]: BoxXywh, size: Size, where: string): Rle {
  const [left, top] = [Math.round(x), Math.round(y)];
  const [right, bottom] = [Math.round(x + width), Math.round(y + height)];
  if (left < 0 || top < 0 || right > size.width || bottom > size.height || right <= left || bottom <= top)
    throw invalid(where, `its mask's box ${show([x, y, width, height])} is not in the image`);
  return placeRle(encodeRle(stretched(mask, right - left, bottom - top)), left, top, size);
}

function stretched(
  { width: fromWidth, height: fromHeight, data }: NumberMap,
  width: number,
  height: number,
): Mask {
  const inside = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * fromHeight) / height) * fromWidth;
    for (let x = 0; x < width; x++)
      inside[y * width + x] = data[row + Math.floor((x * fromWidth) / width)]! > 0 ? 1 : 0;
  }
  return { width, height, data: inside };
}

/**
 * Reads a polyline that has an area: filled, or closed. Others are lines.
 *
 * @returns undefined for a line
 * @throws DatasetError `annotation-invalid`
 */
export function parsePolyline(
  label: RawObject,
  { size, categoryIds }: FiftyOneContext,
  where: string,
  takers: ReadTakers,
): Annotation | undefined {
  if (label.filled !== true && label.closed !== true) {
    takers.onLoss?.("lines", where);
    return undefined;
  }
  const parts = asList(label.points, `${where}: field "points"`).map((part) =>
    asList(part, `${where}: field "points"`).flatMap((point) => {
      if (Array.isArray(point) && point.length === 2 && point.every(Number.isFinite))
        return [point[0] * size.width, point[1] * size.height];
      throw invalid(where, `${show(point)} is not a point [x, y]`);
    }),
  );
  const masks = parts.map((ring) => maskOfRing(ring, size, where, takers));
  if (masks.length === 0) throw invalid(where, "it has no points");
  const { segmentation, polygons } = joinMasks(masks);
  return newAnnotation(0, segmentation, { ...fieldsOf(label, categoryIds), ...(polygons && { polygons }) });
}

/**
 * Reads a map of classes as a region a class, 0 being none. Numbers without a name make regions without a
 * class.
 *
 * @param nameOf the name of a number
 * @throws DatasetError `annotation-invalid`
 */
export async function parseSegmentationMap(
  label: RawObject,
  { size, categoryIds, readMask }: FiftyOneContext,
  nameOf: (number: number) => string | undefined,
  where: string,
): Promise<Annotation[]> {
  const map = await readMask(label, where);
  if (!map) return [];
  if (map.width !== size.width || map.height !== size.height)
    throw invalid(
      where,
      `its mask is ${map.width} x ${map.height} pixels, and the image ${size.width} x ${size.height}`,
    );
  return [...splitLabelMap(map)]
    .filter(([number]) => number !== 0)
    .map(([number, segmentation]) => {
      const name = nameOf(number);
      const categoryId = name === undefined ? undefined : categoryIds(name);
      return newAnnotation(0, segmentation, {
        ...(categoryId !== undefined && { categoryId }),
        isThing: false,
      });
    });
}

function fieldsOf(
  label: RawObject,
  categoryIds: FiftyOneContext["categoryIds"],
): Pick<Annotation, "categoryId" | "extra" | "isCrowd"> {
  const categoryId = typeof label.label === "string" ? categoryIds(label.label) : undefined;
  const extra: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(label))
    if (!KNOWN.has(name) && !isEmpty(value)) extra[name] = value as JsonValue;
  return {
    isCrowd: label.iscrowd === 1 || label.iscrowd === true,
    ...(categoryId !== undefined && { categoryId }),
    ...(Object.keys(extra).length > 0 && { extra: extra as JsonObject }),
  };
}

/** FiftyOne writes all fields of a label, whether they say something or not. */
function isEmpty(value: unknown): boolean {
  return value == null || (typeof value === "object" && Object.keys(value).length === 0);
}

/** Parts of the sides to pixels; six places of a part are less than a hundredth of a pixel. */
function readBox(value: unknown, { width, height }: Size, where: string): BoxXywh {
  if (!Array.isArray(value) || value.length !== 4 || !value.every(Number.isFinite))
    throw invalid(
      where,
      `its bounding_box is ${show(value)}, not [x, y, width, height] as parts of the sides`,
    );
  const round = (number: number): number => Math.round(number * 1000) / 1000;
  const [x, y, w, h] = value as [number, number, number, number];
  const box = [round(x * width), round(y * height), round(w * width), round(h * height)] as const;
  if (box[2] > 0 && box[3] > 0 && Math.abs(x) <= 2 && Math.abs(y) <= 2 && w <= 4 && h <= 4) return box;
  throw invalid(where, `its bounding_box is ${show(value)}, which is no box of parts of the sides`);
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}

/** The labels of a field by their class in FiftyOne, and those in its lists. */
export interface LabelField {
  readonly name: string;
  readonly kind: "detections" | "polylines" | "segmentation";
  readonly labels: readonly RawObject[];
}

/** Finds the fields of a sample that have shapes; others, such as whole-image classes, are told as kinds. */
export function fieldsOfSample(
  sample: RawObject,
  where: string,
): { readonly fields: LabelField[]; readonly tags: number; readonly keypoints: number } {
  const fields: LabelField[] = [];
  let tags = 0;
  let keypoints = 0;
  for (const [name, value] of Object.entries(sample)) {
    if (typeof value !== "object" || value === null) continue;
    const label = value as RawObject;
    const list = (key: string) =>
      asList(label[key] ?? [], `${where}: field "${name}"`).map((entry, i) =>
        asObject(entry, `${where}: field "${name}", label ${i + 1}`),
      );
    if (label._cls === "Detections") fields.push({ name, kind: "detections", labels: list("detections") });
    else if (label._cls === "Detection") fields.push({ name, kind: "detections", labels: [label] });
    else if (label._cls === "Polylines") fields.push({ name, kind: "polylines", labels: list("polylines") });
    else if (label._cls === "Polyline") fields.push({ name, kind: "polylines", labels: [label] });
    else if (label._cls === "Segmentation") fields.push({ name, kind: "segmentation", labels: [label] });
    else if (label._cls === "Classification" || label._cls === "Classifications") tags++;
    else if (label._cls === "Keypoint" || label._cls === "Keypoints") keypoints++;
  }
  return { fields, tags, keypoints };
}

/** What FiftyOne's own code calls the fields of the truth, before others. */
const TRUTH_NAMES = ["ground_truth", "ground_truth_detections", "detections", "segmentations", "labels"];

/** The field to read of those that samples have: that of the truth, else the first. */
export function truthField(names: Iterable<string>): string | undefined {
  const sorted = [...new Set(names)].sort();
  return TRUTH_NAMES.find((name) => sorted.includes(name)) ?? sorted[0];
}
