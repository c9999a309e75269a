/** Annotations of a data set as objects of the studio. */

import type { JsonObject, JsonValue, MaskAnnotation } from "@segany/dataset/formats";
import { type ExclusiveBoxXyxy, exclusiveBox, imagePoint, rleToRuns } from "@segany/masks";
import { createId } from "../state/create-id.js";
import type { ForeignFields, ObjectSource, PromptPoint } from "../state/document.js";
import type { NewObject } from "../state/edits.js";
import { measureShape } from "../state/mask-shape.js";
import { isSameJson } from "../state/same-json.js";
import { ownFields } from "./to-record.js";

/** Colours of objects are counted on from the highest one, which has to stay a whole number. */
const MAX_COLOUR = 1_000_000;

const SOURCES: readonly ObjectSource[] = ["prompt", "everything", "text", "brush"];

/** Any version: other programs have their ways. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An object of a file, which tells its class by name. */
export interface ImportedObject {
  readonly object: NewObject;
  /** null: it has none. */
  readonly className: string | null;
}

/**
 * Reads an annotation of a file.
 *
 * @param categoryName of the annotation's class in the file's list, where it has one
 */
export function toImportedObject(annotation: MaskAnnotation, categoryName?: string): ImportedObject {
  const { class: own, ...others } = annotation.extra ?? {};
  // As the studio writes it: formats in which every mask has a class have one for objects without, too.
  const isOwn = own === null || typeof own === "string";
  return {
    object: toObject(isOwn ? { ...annotation, extra: others } : annotation),
    className: own === null ? null : (categoryName ?? (isOwn ? own : null)),
  };
}

/** The area and box are measured anew: files may say what they like. */
export function toObject(annotation: MaskAnnotation): NewObject {
  const { segmentation, predictedIou, stabilityScore, pointCoords = [], extra } = annotation;
  const prompt = isObject(extra?.prompt) ? extra.prompt : {};
  const colour = readColour(extra?.colour);
  const classId = readUuid(extra?.class_id);
  const id = readUuid(extra?.uuid);
  const confidence = readConfidence(extra);
  const object: NewObject = {
    ...measureShape(rleToRuns(segmentation)),
    source: SOURCES.find((source) => source === extra?.source) ?? "import",
    predictedIou: predictedIou ?? null,
    stabilityScore: stabilityScore ?? null,
    points: readPoints(prompt.points) ?? pointCoords.map(([x, y]) => newPoint(x, y, 1)),
    boxXyxy: readBox(prompt.box),
    ...(confidence !== undefined && { confidence }),
    ...(typeof extra?.name === "string" && extra.name !== "" && { name: extra.name }),
    ...(classId !== undefined && { classId }),
    ...(colour !== undefined && { colour }),
    ...(id !== undefined && { id }),
  };
  const foreign = foreignOf(annotation, object);
  return foreign ? { ...object, foreign } : object;
}

/** The field of kept masks that tells an object's class. */
export function classField({ classId = null }: Pick<NewObject, "classId">): JsonObject {
  return classId === null ? {} : { class_id: classId };
}

/** All that would not come back from what was understood. The UUID is ours, whatever stood there. */
function foreignOf(
  { cropBoxXywh, extra = {} }: MaskAnnotation,
  object: NewObject,
): ForeignFields | undefined {
  const own: ReadonlyMap<string, unknown> = new Map(
    Object.entries({ ...ownFields(object), ...classField(object) }),
  );
  const others = Object.entries(extra).filter(([name, value]) => !isSameJson(own.get(name), value));
  const foreign = Object.fromEntries(others.filter(([name]) => name !== "uuid"));
  if (!cropBoxXywh && Object.keys(foreign).length === 0) return undefined;
  return { ...(cropBoxXywh && { cropBoxXywh }), extra: foreign };
}

function newPoint(x: number, y: number, label: 0 | 1): PromptPoint {
  return { id: createId("point"), at: imagePoint([x, y]), label };
}

/** As `toRecord` writes them; null for anything else. */
function readPoints(value: JsonValue | undefined): PromptPoint[] | null {
  if (!Array.isArray(value)) return null;
  const points = value.map((entry: JsonValue) => {
    if (!areNumbers(entry, 3)) return null;
    return newPoint(entry[0]!, entry[1]!, entry[2] === 0 ? 0 : 1);
  });
  return points.includes(null) ? null : points.filter((point) => point !== null);
}

function readBox(value: JsonValue | undefined): ExclusiveBoxXyxy | null {
  return areNumbers(value, 4) ? exclusiveBox([value[0]!, value[1]!, value[2]!, value[3]!]) : null;
}

function readUuid(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && UUID.test(value) ? value.toLowerCase() : undefined;
}

/** Others' files have a `confidence` of another kind. */
function readConfidence(extra: JsonObject | undefined): number | undefined {
  const value = extra?.model_confidence;
  return typeof value === "number" && value >= 0 && value <= 1 ? value : undefined;
}

function readColour(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_COLOUR
    ? value
    : undefined;
}

function areNumbers(value: JsonValue | undefined, count: number): value is readonly number[] {
  return Array.isArray(value) && value.length === count && value.every(Number.isFinite);
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
