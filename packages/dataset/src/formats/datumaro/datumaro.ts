/** Datumaro: a JSON a part, with the annotations of all its images. */
import { compressRle, parseRle, type Rle, SamError, type Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { asList, asObject, type RawObject, show } from "../../json/fields.js";
import type { Segmentation } from "../../masks/segmentation.js";
import type { Annotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { joinMasks, maskOfRing, ringOfEllipse } from "../shapes.js";

/** The names of the labels, by their numbers from 0. */
export function labelsOfDatumaro(file: RawObject, where: string): string[] {
  const categories = (file.categories ?? {}) as RawObject;
  const { labels } = (categories.label ?? {}) as RawObject;
  if (labels === undefined || labels === null) return [];
  return asList(labels, `${where}: the labels`).map((label, i) => {
    const { name } = asObject(label, `${where}: label ${i}`);
    return typeof name === "string" ? name : `label ${i}`;
  });
}

interface Shape {
  readonly labelId: number | undefined;
  readonly group: number;
  readonly mask?: Segmentation;
  readonly box?: [number, number, number, number];
}

/**
 * Reads the annotations of an item. Outlines and masks of one group and label are one object; a box of a
 * group that has a mask says nothing more.
 *
 * @param categoryIds by the number of the label
 * @param takers of what is wrong with an annotation, which is then left out (thrown by default), and of what
 * is left out
 * @throws DatasetError `annotation-invalid`
 */
export function parseDatumaroItem(
  annotations: readonly unknown[],
  size: Size,
  categoryIds: (labelId: number) => number | undefined,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  const shapes = parseEach(
    annotations,
    (i) => `${where}, annotation ${i + 1}`,
    (value, place) => parseShape(asObject(value, place), size, place, takers),
    takers.onProblem,
  ).filter((shape) => shape !== undefined);
  return joinGroups(shapes).map(({ labelId, masks, box }, i) => {
    const categoryId = labelId === undefined ? undefined : categoryIds(labelId);
    const fields = categoryId === undefined ? {} : { categoryId };
    if (masks.length === 0) return newBox(i + 1, box!, fields);
    const { segmentation, polygons } = joinMasks(masks);
    return newAnnotation(i + 1, segmentation, { ...fields, ...(polygons && { polygons }) });
  });
}

function parseShape(raw: RawObject, size: Size, where: string, takers: ReadTakers): Shape | undefined {
  const labelId = Number.isSafeInteger(raw.label_id) ? (raw.label_id as number) : undefined;
  const about = { labelId, group: Number.isSafeInteger(raw.group) ? (raw.group as number) : 0 };
  switch (raw.type) {
    case "polygon":
      return { ...about, mask: maskOfRing(numbersOf(raw.points, where), size, where, takers) };
    case "ellipse": {
      const [x0, y0, x1, y1] = numbersOf(raw.points, where) as [number, number, number, number];
      const ring = ringOfEllipse((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2);
      return { ...about, mask: { segmentation: maskOfRing(ring, size, where).segmentation } };
    }
    case "mask":
      return { ...about, mask: { segmentation: readRle(raw.rle, size, where) } };
    case "bbox": {
      const box = numbersOf(raw.bbox, where);
      if (box.length !== 4 || box[2]! < 0 || box[3]! < 0)
        throw invalid(where, `its bbox is ${show(raw.bbox)}, not [x, y, width, height] in pixels`);
      return { ...about, box: box as [number, number, number, number] };
    }
    case "polyline":
      takers.onLoss?.("lines", where);
      return undefined;
    case "label":
    case "caption":
      takers.onLoss?.("imageTags", where);
      return undefined;
    default:
      takers.onLoss?.("keypoints", where);
      return undefined;
  }
}

function numbersOf(value: unknown, where: string): number[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === "number" && Number.isFinite(entry)))
    return value as number[];
  throw invalid(where, `its coordinates are ${show(value)}, not a list of numbers`);
}

function readRle(value: unknown, size: Size, where: string): Rle {
  try {
    const { size: rleSize, counts } = parseRle(value, where, { size });
    return typeof counts === "string" ? { size: rleSize, counts } : compressRle({ size: rleSize, counts });
  } catch (cause) {
    if (!(cause instanceof SamError)) throw cause;
    throw new DatasetError("annotation-invalid", cause.message, { cause });
  }
}

interface JoinedShape {
  readonly labelId: number | undefined;
  readonly masks: Segmentation[];
  readonly box: Shape["box"];
}

function joinGroups(shapes: readonly Shape[]): JoinedShape[] {
  const keyOf = ({ group, labelId }: Shape, i: number): string =>
    group === 0 ? `${i}` : `group ${group} ${labelId}`;
  const groups = new Map<string, JoinedShape>();
  for (const [i, shape] of shapes.entries()) {
    const { labelId, mask, box } = shape;
    const known = groups.get(keyOf(shape, i));
    if (known && mask) known.masks.push(mask);
    else if (!known) groups.set(keyOf(shape, i), { labelId, masks: mask ? [mask] : [], box });
  }
  return [...groups.values()];
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}
