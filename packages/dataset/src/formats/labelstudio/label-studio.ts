/** Label Studio's JSON and JSON_MIN: a list of tasks, each with an image and the regions drawn on it. */
import type { Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { asObject, type RawObject, readSize, show } from "../../json/fields.js";
import type { Segmentation } from "../../masks/segmentation.js";
import { baseNameOf, isImageName } from "../../names/file-names.js";
import type { Annotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { maskOfRing, ringOfEllipse, ringOfTurnedBox } from "../shapes.js";
import { decodeBrush } from "./brush-rle.js";

/** A task: its image, and the results of the first annotation that wasn't cancelled. */
export interface LabelStudioTask {
  /** As the task has it: a path, an address, a name. */
  readonly imageName: string;
  readonly results: readonly RawObject[];
}

/**
 * Reads a task.
 *
 * @param takers of what is left out: annotations of others, predictions
 * @throws DatasetError `annotation-invalid` for a task without an image
 */
export function parseTask(task: RawObject, where: string, { onLoss }: ReadTakers = {}): LabelStudioTask {
  const imageName = imageNameOf((task.data ?? task) as RawObject);
  if (imageName === undefined) throw invalid(where, "it has no image");
  const lists = [task.annotations, task.completions].filter(Array.isArray);
  if (lists.length === 0) return { imageName, results: minimalResults(task) };
  const kept = lists
    .flat()
    .map((annotation) => asObject(annotation, where))
    .filter((annotation) => annotation.was_cancelled !== true);
  const predictions = Array.isArray(task.predictions) ? task.predictions : [];
  const others = Math.max(0, kept.length - 1) + predictions.length;
  if (others > 0) onLoss?.("otherAnnotators", where, others);
  const result = kept[0]?.result ?? [];
  return { imageName, results: Array.isArray(result) ? result.map((entry) => asObject(entry, where)) : [] };
}

/** The first text of a task's data that names an image; files of the server are named by `?d=`. */
function imageNameOf(data: RawObject): string | undefined {
  const texts = Object.values(data).filter((value) => typeof value === "string");
  const names = texts.map((text) => {
    const local = /[?&]d=([^&]+)/.exec(text)?.[1];
    return local === undefined ? text : decodeURIComponent(local);
  });
  const usual = data.image ?? data.img;
  return (
    names.find((name) => isImageName(name.replace(/[?#].*$/, ""))) ??
    (typeof usual === "string" ? names[texts.indexOf(usual)] : undefined)
  );
}

/** An upload puts eight digits before a file's name and `_` for its spaces. */
export function namesBeforeUpload(name: string): string[] {
  const base = baseNameOf(name.replace(/[?#].*$/, ""));
  const plain = base.replace(/^[0-9a-f]{8}-/, "");
  return [base, plain, plain.replaceAll("_", " ")];
}

/** JSON_MIN has the regions under the names of the tags that drew them, without `value`. */
function minimalResults(task: RawObject): RawObject[] {
  return Object.values(task)
    .filter(Array.isArray)
    .flat()
    .filter((entry) => typeof entry === "object" && entry !== null && "original_width" in entry)
    .map((entry, i) => ({ ...entry, id: `${i}`, value: entry }));
}

/** All labels of a task's regions. */
export function labelsOfTask({ results }: LabelStudioTask): string[] {
  return results.flatMap((result) => labelsOf(result));
}

/** The labels of a result: those of its own kind of tag, or of a tag of labels alone. */
function labelsOf({ value }: RawObject): string[] {
  const fields = Object.entries((value ?? {}) as RawObject);
  const lists = fields.filter(([key, list]) => /labels$/i.test(key) && Array.isArray(list));
  return lists.flatMap(([, list]) => (list as unknown[]).filter((label) => typeof label === "string"));
}

/** The size of the image, as its regions have it. */
export function sizeOfTask({ results }: LabelStudioTask, where: string): Size | undefined {
  const sized = results.find(({ original_width: width }) => width !== undefined);
  return sized && readSize({ width: sized.original_width, height: sized.original_height }, where);
}

/**
 * Reads the regions of a task: brushes, polygons, ellipses and turned rectangles as masks, rectangles as
 * boxes without a mask. Results of one region (a shape and its labels) have one id.
 *
 * @param takers of what is wrong with a region, which is then left out (thrown by default), and of what is
 * left out
 * @throws DatasetError `annotation-invalid`
 */
export function parseRegions(
  { results }: LabelStudioTask,
  size: Size,
  categoryIds: (label: string) => number | undefined,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  const regions = new Map<string, RawObject[]>();
  for (const [i, result] of results.entries()) {
    const id = typeof result.id === "string" ? result.id : `result ${i}`;
    regions.set(id, [...(regions.get(id) ?? []), result]);
  }
  const found = parseEach(
    [...regions],
    (i) => `${where}, region ${i + 1}`,
    ([, parts], place) => parseRegion(parts, size, categoryIds, place, takers),
    takers.onProblem,
  );
  return found
    .filter((annotation) => annotation !== undefined)
    .map((annotation, i) => ({ ...annotation, id: i + 1 }));
}

function parseRegion(
  parts: readonly RawObject[],
  size: Size,
  categoryIds: (label: string) => number | undefined,
  where: string,
  takers: ReadTakers,
): Annotation | undefined {
  const drawn = parts
    .map(({ value }) => (value ?? {}) as RawObject)
    .find((value) => kindOf(value) !== undefined);
  if (!drawn) {
    takers.onLoss?.(parts.some(({ type }) => type === "relation") ? "links" : "imageTags", where);
    return undefined;
  }
  const labels = parts.flatMap(labelsOf);
  const categoryId = labels[0] === undefined ? undefined : categoryIds(labels[0]);
  const fields = {
    ...(categoryId !== undefined && { categoryId }),
    ...(labels.length > 1 && { extra: { labels } }),
  };
  const shape = parseShape(drawn, size, where, takers);
  if (!shape) return undefined;
  if (Array.isArray(shape)) return newBox(0, shape as [number, number, number, number], fields);
  const { segmentation, polygons } = shape as Segmentation;
  return newAnnotation(0, segmentation, { ...fields, ...(polygons && { polygons }) });
}

type ShapeKind = "brush" | "polygon" | "ellipse" | "box" | "point" | "line";

function kindOf(value: RawObject): ShapeKind | undefined {
  if (Array.isArray(value.rle)) return "brush";
  if (Array.isArray(value.points) || Array.isArray(value.vertices))
    return value.closed === false ? "line" : "polygon";
  if ("radiusX" in value) return "ellipse";
  if ("x" in value && "y" in value) return "height" in value ? "box" : "point";
  return undefined;
}

/** Coordinates are hundredths of the image's sides. */
function parseShape(
  value: RawObject,
  size: Size,
  where: string,
  takers: ReadTakers,
): Segmentation | [number, number, number, number] | undefined {
  const x = (key: string): number => (numberOf(value, key, where) * size.width) / 100;
  const y = (key: string): number => (numberOf(value, key, where) * size.height) / 100;
  const turn = value.rotation == null ? 0 : numberOf(value, "rotation", where);
  switch (kindOf(value)) {
    case "brush":
      return { segmentation: decodeBrush(value.rle as unknown[], size, where) };
    case "polygon":
      return maskOfRing(pointsOf(value, size, where), size, where, takers);
    case "ellipse": {
      const ring = ringOfEllipse(x("x"), y("y"), x("radiusX"), y("radiusY"), turn);
      return { segmentation: maskOfRing(ring, size, where).segmentation };
    }
    case "box": {
      const box = [x("x"), y("y"), x("width"), y("height")].map(roundAway) as [
        number,
        number,
        number,
        number,
      ];
      if (box[2] < 0 || box[3] < 0) throw invalid(where, `the rectangle ${show(box)} has a negative size`);
      // A rectangle is turned about its first corner.
      return turn === 0 ? box : maskOfRing(ringOfTurnedBox(box, [box[0], box[1]], turn), size, where);
    }
    case "line":
      takers.onLoss?.("lines", where);
      return undefined;
    default:
      takers.onLoss?.("keypoints", where);
      return undefined;
  }
}

/** Hundredths of a side are seldom whole pixels to the last digit. */
function roundAway(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function pointsOf(value: RawObject, size: Size, where: string): number[] {
  return ((value.points as unknown[] | undefined) ?? []).flatMap((point, i) => {
    const [x, y] = Array.isArray(point) ? point : [];
    if (typeof x === "number" && typeof y === "number")
      return [roundAway((x * size.width) / 100), roundAway((y * size.height) / 100)];
    throw invalid(where, `point ${i} is ${show(point)}, not [x, y] in hundredths of the image's sides`);
  });
}

function numberOf(value: RawObject, key: string, where: string): number {
  const number = value[key];
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw invalid(where, `its ${key} is ${show(number)}, not a number`);
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}
