/** VGG Image Annotator 1 and 2: one JSON with the regions of all images. */
import type { Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { asObject, type RawObject, readText, show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { maskOfRing, ringOfEllipse } from "../shapes.js";

/** An image of a file. */
export interface ViaImage {
  readonly fileName: string;
  readonly regions: readonly RawObject[];
}

/**
 * Lists the images of a file: an export of annotations, or a saved project.
 *
 * @throws DatasetError `dataset-invalid`
 */
export function listViaImages(
  value: unknown,
  where: string,
): { readonly image: RawObject; readonly key: string }[] {
  const file = asObject(value, where);
  const list = asObject(file._via_img_metadata ?? file, where);
  return Object.entries(list).map(([key, image]) => ({ key, image: asObject(image, `${where}: ${key}`) }));
}

/** @throws DatasetError `annotation-invalid`, `dataset-invalid` */
export function parseViaImage(raw: RawObject, where: string): ViaImage {
  const { regions = [] } = raw;
  // Version 1 numbers them in an object.
  const list = Array.isArray(regions)
    ? regions
    : Object.values(asObject(regions, `${where}: field "regions"`));
  return {
    fileName: readText(raw, "filename", where),
    regions: list.map((region, i) => asObject(region, `${where}, region ${i + 1}`)),
  };
}

/** Attributes that are likely to be an object's class, before any other. */
const classKeys = ["class", "label", "name", "type", "category", "object"];

/** The class of a region: of its likeliest attribute, or of the one option that is chosen. */
export function classOfRegion({ region_attributes: value }: RawObject): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const attributes = value as RawObject;
  const keys = Object.keys(attributes);
  const key = keys.find((name) => classKeys.includes(name.toLowerCase())) ?? keys[0];
  const chosen = key === undefined ? undefined : attributes[key];
  if (typeof chosen === "string") return chosen.trim() || undefined;
  if (typeof chosen !== "object" || chosen === null) return undefined;
  return Object.entries(chosen).find(([, isChosen]) => isChosen === true)?.[0];
}

/**
 * Reads the regions of an image: polygons, circles and ellipses as masks, rectangles as boxes without a mask.
 *
 * @param takers of what is wrong with a region, which is then left out (thrown by default), and of lines and
 * points
 * @throws DatasetError `annotation-invalid`
 */
export function parseViaRegions(
  regions: readonly RawObject[],
  size: Size,
  categoryIds: (name: string) => number | undefined,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  const found = parseEach(
    regions,
    (i) => `${where}, region ${i + 1}`,
    (region, place) => parseRegion(region, size, categoryIds, place, takers),
    takers.onProblem,
  );
  return found
    .filter((annotation) => annotation !== undefined)
    .map((annotation, i) => ({ ...annotation, id: i + 1 }));
}

function parseRegion(
  region: RawObject,
  size: Size,
  categoryIds: (name: string) => number | undefined,
  where: string,
  takers: ReadTakers,
): Annotation | undefined {
  const shape = asObject(region.shape_attributes, `${where}: field "shape_attributes"`);
  const number = (key: string): number => {
    const value = typeof shape[key] === "string" ? numberOfText(shape[key]) : shape[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw invalid(where, `its ${key} is ${show(shape[key])}, not a number`);
  };
  const name = classOfRegion(region);
  const categoryId = name === undefined ? undefined : categoryIds(name);
  const fields = { ...(categoryId !== undefined && { categoryId }) };
  const masked = (ring: readonly number[]) => {
    const { segmentation, polygons } = maskOfRing(ring, size, where, takers);
    return newAnnotation(0, segmentation, { ...fields, ...(polygons && { polygons }) });
  };
  switch (shape.name) {
    case "rect":
      return newBox(
        0,
        [number("x"), number("y"), sideOf(number("width"), where), sideOf(number("height"), where)],
        fields,
      );
    case "polygon":
      return masked(pointsOf(shape, where));
    case "circle":
      return masked(ringOfEllipse(number("cx"), number("cy"), number("r"), number("r")));
    case "ellipse": {
      const turn = shape.theta == null ? 0 : (number("theta") * 180) / Math.PI;
      return masked(ringOfEllipse(number("cx"), number("cy"), number("rx"), number("ry"), turn));
    }
    case "polyline":
      takers.onLoss?.("lines", where);
      return undefined;
    case "point":
      takers.onLoss?.("keypoints", where);
      return undefined;
    default:
      throw invalid(where, `its shape is ${show(shape.name)}, which is none of VIA's`);
  }
}

function sideOf(value: number, where: string): number {
  if (value >= 0) return value;
  throw invalid(where, `a side of ${value} is negative`);
}

function pointsOf({ all_points_x: xs, all_points_y: ys }: RawObject, where: string): number[] {
  if (Array.isArray(xs) && Array.isArray(ys) && xs.length === ys.length)
    return xs.flatMap((x, i) => [x, ys[i]]);
  throw invalid(where, "its lists all_points_x and all_points_y are not of one length");
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}
