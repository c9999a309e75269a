/** Supervisely's annotations: a JSON an image, with bitmaps (PNGs in zlib in base64), polygons and boxes. */
import {
  encodeRle,
  type Mask,
  placeRle,
  type Rle,
  rleToRuns,
  runsToRle,
  type Size,
  subtractRuns,
} from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { asList, asObject, type RawObject, readSize, readText, show } from "../../json/fields.js";
import type { ReadLossKind } from "../../read-losses.js";
import type { Annotation, JsonObject, JsonValue, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { maskOfRing } from "../shapes.js";

/** The annotations of an image. */
export interface SuperviselyImage {
  readonly size: Size;
  readonly objects: readonly RawObject[];
}

/** @throws DatasetError `annotation-invalid`, `dataset-invalid` */
export function parseSuperviselyImage(value: unknown, where: string): SuperviselyImage {
  const raw = asObject(value, where);
  const size = readSize(asObject(raw.size, `${where}: field "size"`), `${where}: field "size"`);
  const objects = asList(raw.objects ?? [], `${where}: field "objects"`);
  return { size, objects: objects.map((object, i) => asObject(object, `${where}, object ${i + 1}`)) };
}

/** The classes of `meta.json`. @throws DatasetError `annotation-invalid`, `dataset-invalid` */
export function parseSuperviselyClasses(value: unknown, where: string): string[] {
  const classes = asList(asObject(value, where).classes ?? [], `${where}: field "classes"`);
  return classes.map((entry, i) => {
    const place = `${where}: class ${i + 1}`;
    return readText(asObject(entry, place), "title", place);
  });
}

/**
 * Unpacks a bitmap to the mask of its own size.
 *
 * @param isSoft whether its pixels are inside by degrees, which are cut at half, and not inside or outside
 * @returns `isCut` where there were such degrees
 */
export type BitmapDecoder = (
  data: string,
  isSoft: boolean,
  where: string,
) => { readonly mask: Mask; readonly isCut: boolean };

/** What parsing needs to know of the set. */
export interface SuperviselyContext {
  readonly categoryIds: (name: string) => number | undefined;
  readonly decodeBitmap: BitmapDecoder;
}

/**
 * Reads the objects of an image: bitmaps and polygons as masks, rectangles as boxes without a mask. Tags of
 * an object are kept as the extra field `tags`.
 *
 * @param takers of what is wrong with an object, which is then left out (thrown by default), and of lines and
 *   points
 * @throws DatasetError `annotation-invalid`
 */
export function parseSuperviselyObjects(
  { objects, size }: SuperviselyImage,
  context: SuperviselyContext,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  const found = parseEach(
    objects,
    (i) => `${where}, object ${i + 1}`,
    (object, place) => parseObject(object, size, context, place, takers),
    takers.onProblem,
  );
  return found
    .filter((annotation) => annotation !== undefined)
    .map((annotation, i) => ({ ...annotation, id: i + 1 }));
}

/** Shapes without an area. */
const WITHOUT_AREA: Readonly<Record<string, ReadLossKind>> = {
  line: "lines",
  polyline: "lines",
  point: "keypoints",
  graph: "keypoints",
  cuboid: "lines",
  cuboid_2d: "lines",
};

function parseObject(
  object: RawObject,
  size: Size,
  { categoryIds, decodeBitmap }: SuperviselyContext,
  where: string,
  takers: ReadTakers,
): Annotation | undefined {
  const name = readText(object, "classTitle", where);
  const categoryId = categoryIds(name);
  if (categoryId === undefined) throw invalid(where, `the class ${show(name)} is not one of meta.json`);
  const { labelerLogin, tags, geometryType } = object;
  const fields = {
    categoryId,
    ...(typeof labelerLogin === "string" && labelerLogin !== "" && { annotator: labelerLogin }),
    ...(Array.isArray(tags) &&
      tags.length > 0 && { extra: { tags: tags as JsonValue } satisfies JsonObject }),
  };
  const kind = typeof geometryType === "string" ? geometryType : "";
  if (Object.hasOwn(WITHOUT_AREA, kind)) {
    takers.onLoss?.(WITHOUT_AREA[kind]!, where);
    return undefined;
  }
  switch (kind) {
    case "bitmap":
    case "alpha_mask":
      return newAnnotation(0, readBitmap(object, size, decodeBitmap, where, takers), fields);
    case "polygon": {
      const { segmentation, polygons } = readPolygon(object, size, where, takers);
      return newAnnotation(0, segmentation, { ...fields, ...(polygons && { polygons }) });
    }
    case "rectangle":
      return newBox(0, readRectangle(object, where), fields);
    default:
      throw invalid(where, `its geometryType is ${show(geometryType)}, which is not read`);
  }
}

function readBitmap(
  object: RawObject,
  size: Size,
  decode: BitmapDecoder,
  where: string,
  { onLoss }: ReadTakers,
): Rle {
  const bitmap = asObject(object.bitmap, `${where}: field "bitmap"`);
  const [x, y] = readPoint(bitmap.origin, `${where}: field "origin"`);
  const isSoft = object.geometryType === "alpha_mask";
  const { mask, isCut } = decode(readText(bitmap, "data", where), isSoft, where);
  const fits =
    Number.isInteger(x) &&
    Number.isInteger(y) &&
    x >= 0 &&
    y >= 0 &&
    x + mask.width <= size.width &&
    y + mask.height <= size.height;
  if (!fits)
    throw invalid(
      where,
      `a bitmap of ${mask.width} x ${mask.height} pixels at (${x}, ${y}) doesn't fit the image of ${size.width} x ${size.height}`,
    );
  if (isCut) onLoss?.("softPixels", where);
  return placeRle(encodeRle(mask), x, y, size);
}

/** Holes are cut out, and then the outlines say no longer what the mask is. */
function readPolygon(
  object: RawObject,
  size: Size,
  where: string,
  takers: ReadTakers,
): ReturnType<typeof maskOfRing> {
  const points = asObject(object.points, `${where}: field "points"`);
  const outer = maskOfRing(readRing(points.exterior, where), size, where, takers);
  const holes = asList(points.interior ?? [], `${where}: field "interior"`);
  if (holes.length === 0) return outer;
  let runs = rleToRuns(outer.segmentation);
  for (const hole of holes)
    runs = subtractRuns(runs, rleToRuns(maskOfRing(readRing(hole, where), size, where, takers).segmentation));
  return { segmentation: runsToRle(runs) };
}

/** Its corners are pixels, the last one included. */
function readRectangle(object: RawObject, where: string): readonly [number, number, number, number] {
  const points = asObject(object.points, `${where}: field "points"`);
  const corners = asList(points.exterior, `${where}: field "exterior"`);
  if (corners.length !== 2) throw invalid(where, `a rectangle has 2 corners, not ${corners.length}`);
  const [[x0, y0], [x1, y1]] = corners.map((corner) => readPoint(corner, where)) as [Point, Point];
  const [left, top] = [Math.min(x0, x1), Math.min(y0, y1)];
  return [left, top, Math.abs(x1 - x0) + 1, Math.abs(y1 - y0) + 1];
}

type Point = readonly [x: number, y: number];

function readRing(value: unknown, where: string): number[] {
  return asList(value, `${where}: a polygon's points`).flatMap((point) => readPoint(point, where));
}

function readPoint(value: unknown, where: string): Point {
  if (Array.isArray(value) && value.length === 2 && value.every(Number.isFinite))
    return value as unknown as Point;
  throw invalid(where, `${show(value)} is not a point [x, y]`);
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}
