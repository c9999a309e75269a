import type { BoxXywh, Point } from "@segany/masks";
import { DatasetError } from "../errors.js";
import type { JsonObject, JsonValue } from "../record.js";
import { numberOfText } from "./number-of-text.js";

/** An object of a file, its fields not yet checked. */
export type RawObject = Readonly<Record<string, unknown>>;

/** @throws DatasetError `dataset-invalid` when the value is not an object */
export function asObject(value: unknown, where: string): RawObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as RawObject;
  throw new DatasetError("dataset-invalid", `${where} is ${show(value)}, not an object.`);
}

/** @throws DatasetError `dataset-invalid` when the value is not a list */
export function asList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new DatasetError("dataset-invalid", `${where} is ${show(value)}, not a list.`);
}

/** A whole number ≥ 0 that is exact in JavaScript; a text of one is taken too. */
export function readId(raw: RawObject, field: string, where: string): number {
  const id = idOf(raw[field]);
  if (id !== undefined) return id;
  throw invalidField(raw[field], field, where, `a whole number, 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/** The number of an id, where it is one. */
export function idOf(value: unknown): number | undefined {
  const number = typeof value === "string" ? numberOfText(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

/** The most pixels an image may claim: as many as `readImage` opens. A dense mask takes a byte for each. */
export const maxPixels = 2 ** 28;

/** The longest side an image may claim; what is kept for each row or column stays small beside the pixels. */
const maxSide = 2 ** 20;

/** An image's size in pixels. */
export function readSize(raw: RawObject, where: string): { width: number; height: number } {
  const width = readSide(raw, "width", where);
  const height = readSide(raw, "height", where);
  if (width * height <= maxPixels && Math.max(width, height) <= maxSide) return { width, height };
  throw new DatasetError(
    "annotation-invalid",
    `${where}: the image is ${width}x${height}; accepted are ${maxPixels} pixels, ${maxSide} a side.`,
  );
}

/** A side of an image in pixels. */
export function readSide(raw: RawObject, field: string, where: string): number {
  const value = raw[field];
  const side = typeof value === "string" ? numberOfText(value) : value;
  if (Number.isInteger(side) && (side as number) > 0) return side as number;
  throw invalidField(value, field, where, "a whole number of pixels above 0");
}

/** A text that must be there. */
export function readText(raw: RawObject, field: string, where: string): string {
  const value = raw[field];
  if (typeof value === "string") return value;
  throw invalidField(value, field, where, "a text");
}

/** A finite number, or `undefined` where the field is absent or null. */
export function readOptionalNumber(raw: RawObject, field: string, where: string): number | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  if (Number.isFinite(value)) return value as number;
  throw invalidField(value, field, where, "a finite number");
}

/** A flag as 0/1 or false/true, or `undefined` where the field is absent or null. */
export function readOptionalFlag(raw: RawObject, field: string, where: string): boolean | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  if (value === 0 || value === 1 || typeof value === "boolean") return Boolean(value);
  throw invalidField(value, field, where, "0 or 1");
}

/** [x, y, width, height], or `undefined` where the field is absent or null. */
export function readOptionalBoxXywh(raw: RawObject, field: string, where: string): BoxXywh | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.length === 4 && value.every(Number.isFinite)) {
    const [x, y, width, height] = value as [number, number, number, number];
    if (width >= 0 && height >= 0) return [x, y, width, height];
  }
  throw invalidField(value, field, where, "[x, y, width, height] in pixels");
}

/**
 * [[x, y], …], or `undefined` where the field is absent, null or has no point in it (`[[]]`, as some tools
 * write).
 */
export function readOptionalPoints(raw: RawObject, field: string, where: string): Point[] | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  const isPoint = (point: unknown): boolean =>
    Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
  if (Array.isArray(value) && value.every((point) => Array.isArray(point) && point.length === 0))
    return undefined;
  if (Array.isArray(value) && value.every(isPoint)) return value.map(([x, y]) => [x, y]);
  throw invalidField(value, field, where, "a list of points [x, y] in pixels");
}

/** A list of ids, or `undefined` where the field is absent or null. */
export function readOptionalIds(raw: RawObject, field: string, where: string): number[] | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((id) => Number.isSafeInteger(id) && id >= 0)) return [...value];
  throw invalidField(value, field, where, "a list of ids");
}

/** The fields that have no name in our records, or `undefined` when there are none. */
export function extraOf(raw: RawObject, known: ReadonlySet<string>): JsonObject | undefined {
  let names: string[] | undefined;
  for (const name in raw) {
    if (known.has(name)) continue;
    names ??= [];
    names.push(name);
  }
  // fromEntries defines properties, so that a field "__proto__" stays a field.
  return names && Object.fromEntries(names.map((name) => [name, raw[name] as JsonValue]));
}

/** An error that names file, record, field, value and what the field must be. */
export function invalidField(value: unknown, field: string, where: string, wanted: string): DatasetError {
  return new DatasetError(
    "annotation-invalid",
    `${where}: field "${field}" is ${show(value)}, but must be ${wanted}.`,
  );
}

/** A value as short text for an error message. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "number") return String(value);
  if (typeof value === "string" && /^-?\d{16,80}$/.test(value)) return value; // a number beyond 2^53
  const text = asJson(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** YAML's values may lie in themselves, and deeper than a stack. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return Array.isArray(value) ? "a list" : typeof value;
  }
}
