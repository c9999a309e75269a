/** LabelMe: one JSON an image, with shapes drawn on it. */
import {
  type BoxXywh,
  boxXywhToXyxy,
  boxXyxyToXywh,
  cropRle,
  decodeRle,
  encodeRle,
  inclusiveBox,
  mergeRles,
  type Point,
  placeRle,
  type Ring,
  type Rle,
  rleArea,
  rleToBoxXywh,
  toExclusiveBox,
  toInclusiveBox,
} from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { asList, asObject, type RawObject, readText, show } from "../../json/fields.js";
import { type LabelMap, maskOfLabels } from "../../masks/label-map.js";
import { ringToRle, rleToPolygons } from "../../masks/polygon-rle.js";
import type { Annotation, JsonObject, MaskAnnotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import type { Feature } from "../features.js";
import { newAnnotation } from "../new-annotation.js";

/** What LabelMe's files can hold. */
export const labelmeHolds: ReadonlySet<Feature> = new Set<Feature>([
  "bareBoxes",
  "categories",
  "exactMasks",
  "holes",
  "overlaps",
  "parts",
]);

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reading and writing the PNGs in shapes of type `mask`; the platform's, as is base64. */
export interface MaskPngs {
  /** @param where what to call the shape in an error message */
  decode(base64: string, where: string): LabelMap;
  encode(map: LabelMap): string;
}

/** Coordinates further out than this are a mistake, and could not be computed with. */
const maxCoordinate = 2 ** 24;

/**
 * Reads the shapes of a file: polygons and rotated boxes (filled by the even-odd rule at pixel centres),
 * rectangles, circles and masks. Shapes of one label and one `group_id` are one annotation. Points and lines
 * have no area and are left out.
 *
 * @param size the image's
 * @param categoryIds by label
 * @param where what to call the file in an error message
 * @param takers of what is wrong with a shape, which is then left out (thrown by default), and of shapes
 * without an area
 * @throws DatasetError `annotation-invalid`
 */
export function parseLabelmeShapes(
  raw: RawObject,
  size: Size,
  categoryIds: ReadonlyMap<string, number>,
  pngs: MaskPngs,
  where: string,
  { onProblem, onLoss }: ReadTakers = {},
): MaskAnnotation[] {
  const groups = new Map<string, { label: string; masks: Rle[]; extra: JsonObject | undefined }>();
  const take = (value: unknown, place: string, i: number): void => {
    const shape = asObject(value, place);
    const type = typeOf(shape);
    if (!areaShapes.has(type)) {
      onLoss?.(lineShapes.has(type) ? "lines" : "keypoints", place);
      return;
    }
    const segmentation = maskOfShape(shape, size, pngs, place);
    const label = readText(shape, "label", place);
    const key = shape.group_id == null ? `${i}` : `group ${JSON.stringify([shape.group_id, label])}`;
    const group = groups.get(key);
    if (group) group.masks.push(segmentation);
    else groups.set(key, { label, masks: [segmentation], extra: remarksOf(shape) });
  };
  parseEach(shapesOf(raw, where), (i) => `${where}, shape ${i}`, take, onProblem);
  return [...groups.values()].map(({ label, masks, extra }, i) =>
    newAnnotation(i + 1, masks.length === 1 ? masks[0]! : mergeRles(masks), {
      categoryId: categoryIds.get(label)!,
      ...(extra && { extra }),
    }),
  );
}

/** The labels of all shapes that have an area; what is wrong with a shape, `parseLabelmeShapes` tells. */
export function labelsOf(raw: RawObject, where: string): string[] {
  return shapesOf(raw, where)
    .map((value) => (value ?? {}) as RawObject)
    .filter((shape) => areaShapes.has(typeOf(shape)) && typeof shape.label === "string")
    .map(({ label }) => label as string);
}

function shapesOf(raw: RawObject, where: string): readonly unknown[] {
  return asList(raw.shapes, `${where}: field "shapes"`);
}

const areaShapes: ReadonlySet<unknown> = new Set(["polygon", "rotation", "rectangle", "circle", "mask"]);
const lineShapes: ReadonlySet<unknown> = new Set(["line", "linestrip"]);

function typeOf(shape: RawObject): unknown {
  return shape.shape_type ?? "polygon";
}

/** `flags` and `description`, where they say something. */
function remarksOf({ flags, description }: RawObject): JsonObject | undefined {
  const extra = {
    ...(typeof flags === "object" &&
      flags !== null &&
      Object.keys(flags).length > 0 && { flags: flags as JsonObject }),
    ...(typeof description === "string" && description !== "" && { description }),
  };
  return Object.keys(extra).length > 0 ? extra : undefined;
}

function maskOfShape(shape: RawObject, size: Size, pngs: MaskPngs, where: string): Rle {
  const type = typeOf(shape);
  const points = readPoints(shape, where);
  switch (type) {
    case "polygon":
    case "rotation":
      return ringToRle(points.flat(), size);
    case "rectangle":
      return ringToRle(ringOfRectangle(points, where), size);
    case "circle":
      return ringToRle(ringOfCircle(points, where), size);
    default:
      return maskOfPng(shape, points, size, pngs, where);
  }
}

function readPoints(shape: RawObject, where: string): Point[] {
  return asList(shape.points, `${where}: field "points"`).map((point, i) => {
    const [x, y, ...more] = Array.isArray(point) ? point : [];
    if (isCoordinate(x) && isCoordinate(y) && more.length === 0) return [x, y];
    throw invalid(where, `point ${i} is ${show(point)}, not [x, y] in pixels`);
  });
}

function isCoordinate(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= maxCoordinate;
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}

function twoPoints(points: readonly Point[], what: string, where: string): [Point, Point] {
  const [first, second] = points;
  if (points.length === 2 && first && second) return [first, second];
  throw invalid(where, `a ${what} has 2 points, not ${points.length}`);
}

/** Two opposite corners, or as X-AnyLabeling has it all four. */
function ringOfRectangle(points: readonly Point[], where: string): Ring {
  if (points.length === 4) return points.flat();
  const [[x0, y0], [x1, y1]] = twoPoints(points, "rectangle", where);
  return [x0, y0, x1, y0, x1, y1, x0, y1];
}

/** Corners so many that none is a hundredth of a pixel inside a circle of 10,000 pixels. */
const circleCorners = 2048;

/** The first point is the centre, the second lies on the circle. */
function ringOfCircle(points: readonly Point[], where: string): Ring {
  const [[x, y], [edgeX, edgeY]] = twoPoints(points, "circle", where);
  const radius = Math.hypot(edgeX - x, edgeY - y);
  return Array.from({ length: circleCorners }, (_, i) => (2 * Math.PI * i) / circleCorners).flatMap(
    (angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)],
  );
}

/** The PNG covers the box between the two points, both included. */
function maskOfPng(
  shape: RawObject,
  points: readonly Point[],
  size: Size,
  pngs: MaskPngs,
  where: string,
): Rle {
  const [[x0, y0], [x1, y1]] = twoPoints(points, "mask", where);
  const map = pngs.decode(readText(shape, "mask", where), where);
  const corners = inclusiveBox([Math.round(x0), Math.round(y0), Math.round(x1), Math.round(y1)]);
  const [left, top, width, height] = boxXyxyToXywh(toExclusiveBox(corners));
  const fits = map.width === width && map.height === height;
  const inside = left >= 0 && top >= 0 && left + map.width <= size.width && top + map.height <= size.height;
  if (!fits || !inside) {
    throw invalid(
      where,
      `its mask of ${map.width} x ${map.height} pixels doesn't fit its points [${x0}, ${y0}] and [${x1}, ${y1}] in the image of ${size.width} x ${size.height}`,
    );
  }
  return placeRle(encodeRle(maskOfLabels(map)), left, top, size);
}

/**
 * Makes the shapes of a mask: polygons, joined by a `group_id` where there are several, or for masks with
 * holes, which polygons of LabelMe can't have, one shape of type `mask`. Corners lie between pixels, so our
 * reader gives back the mask exactly; LabelMe's own converters fill with Pillow, which paints the outline
 * too, and get masks up to a pixel larger.
 *
 * @param groupId for this mask alone
 * @returns none for a mask without a pixel
 */
export function toLabelmeShapes(
  { segmentation, bboxXywh }: Annotation,
  label: string,
  groupId: number,
  pngs: Pick<MaskPngs, "encode">,
): JsonObject[] {
  if (!segmentation) return [boxShape(bboxXywh, label)];
  if (rleArea(segmentation) === 0) return [];
  const polygons = rleToPolygons(segmentation);
  if (polygons.some(({ holes }) => holes.length > 0)) return [maskShape(segmentation, label, pngs)];
  return polygons.map(({ outer }) => ({
    ...shapeFields(label, polygons.length > 1 ? groupId : null, "polygon"),
    points: pairs(outer),
    mask: null,
  }));
}

function shapeFields(label: string, groupId: number | null, shapeType: string): JsonObject {
  return { label, group_id: groupId, description: "", shape_type: shapeType, flags: {} };
}

/** LabelMe's own tools fill rectangles, and so do we: a box comes back as a mask. */
function boxShape([x, y, width, height]: BoxXywh, label: string): JsonObject {
  const points = [
    [x, y],
    [x + width, y + height],
  ];
  return { ...shapeFields(label, null, "rectangle"), points, mask: null };
}

function pairs(ring: Ring): number[][] {
  return Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!]);
}

function maskShape(segmentation: Rle, label: string, pngs: Pick<MaskPngs, "encode">): JsonObject {
  const box = rleToBoxXywh(segmentation);
  const [x0, y0, x1, y1] = toInclusiveBox(boxXywhToXyxy(box));
  const { width, height, data } = decodeRle(cropRle(segmentation, box));
  return {
    ...shapeFields(label, null, "mask"),
    points: [
      [x0, y0],
      [x1, y1],
    ],
    mask: pngs.encode({ width, height, data: data.map((value) => value * 255) }),
  };
}

/** Writes a file. */
export function formatLabelme(
  imagePath: string,
  { width, height }: Size,
  shapes: readonly JsonObject[],
): string {
  const content = {
    version: "5.5.0",
    flags: {},
    shapes,
    imagePath,
    imageData: null,
    imageHeight: height,
    imageWidth: width,
  };
  return `${JSON.stringify(content)}\n`;
}
