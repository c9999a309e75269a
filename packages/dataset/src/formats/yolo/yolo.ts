/** YOLO segmentation labels: a line a mask, "class x1 y1 x2 y2 …", coordinates as parts of the image's width and height. */
import type { Ring } from "@segany/masks";
import { parse, stringify } from "yaml";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import { ringToRle, rleToPolygons } from "../../masks/polygon-rle.js";
import type { Annotation } from "../../record.js";
import { type OnProblem, parseEach, setAside } from "../../set-aside.js";
import type { Feature } from "../features.js";
import { newAnnotation } from "../new-annotation.js";
import { bridgeRings } from "./bridge-rings.js";

/** What YOLO's labels can hold. */
export const yoloHolds: ReadonlySet<Feature> = new Set<Feature>([
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

/** Coordinates this far outside the image are taken (tools round carelessly); beyond they can't be parts of a side. */
const lowestCoordinate = -1;
const highestCoordinate = 2;

/**
 * Reads a label file. Polygons are filled by the even-odd rule at pixel centres, which gives back our own masks
 * exactly. A line of four numbers after the class is a box (centre, width, height), filled as one; an odd number left
 * over at the end of a line is a predictor's confidence and kept as the extra field `score`.
 *
 * @param size the image's
 * @param classes how many the data set has; ids are the class numbers + 1
 * @param where what to call the file in an error message
 * @param onProblem takes what is wrong with a line, which is then left out; thrown by default
 * @throws DatasetError `annotation-invalid`
 */
export function parseYoloLabels(
  text: string,
  size: Size,
  classes: number,
  where: string,
  onProblem?: OnProblem,
): Annotation[] {
  const lines = text.split("\n").map((line) => line.trim());
  const annotations = parseEach(
    lines,
    (index) => `${where}, line ${index + 1}`,
    (line, place) => (line === "" ? [] : [parseLine(line.split(/\s+/), size, classes, place)]),
    onProblem,
  );
  return annotations.flat().map((annotation, index) => ({ ...annotation, id: index + 1 }));
}

function parseLine(
  [classWord, ...words]: readonly string[],
  size: Size,
  classes: number,
  where: string,
): Annotation {
  const classNumber = numberOfText(classWord) ?? Number.NaN;
  if (!Number.isInteger(classNumber) || classNumber < 0 || classNumber >= classes)
    throw invalid(where, `the class is ${show(classWord)}, but the data set has classes 0 to ${classes - 1}`);
  const values = words.map((word) => {
    const value = numberOfText(word) ?? Number.NaN;
    if (value >= lowestCoordinate && value <= highestCoordinate) return value;
    throw invalid(where, `${show(word)} is not a part of the image's width or height, 0 to 1`);
  });
  const score = values.length % 2 === 1 ? values.pop() : undefined;
  if (values.length < 4)
    throw invalid(where, `${values.length} coordinates; a box has 4 numbers and a polygon at least 6`);
  const ring = values.length === 4 ? ringOfBox(values) : values;
  const outer = ring.map((value, i) => value * (i % 2 === 0 ? size.width : size.height));
  const segmentation = ringToRle(outer, size);
  return newAnnotation(0, segmentation, {
    categoryId: classNumber + 1,
    ...(score !== undefined && { extra: { score } }),
  });
}

function ringOfBox([x, y, width, height]: readonly number[]): Ring {
  const left = x! - width! / 2;
  const right = x! + width! / 2;
  const top = y! - height! / 2;
  const bottom = y! + height! / 2;
  return [left, top, right, top, right, bottom, left, bottom];
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}

/**
 * Writes a mask's line, without line end. Holes and separate parts are joined by bridges (`bridgeRings`). Corners lie between
 * pixels, so our reader gives back the mask exactly; tools that train on it round them to whole pixels and fill with
 * OpenCV's `fillPoly`, which is even-odd too but paints the line itself, and get masks up to a pixel larger.
 *
 * @returns undefined for a mask without a pixel
 */
export function formatYoloLine({ segmentation }: Annotation, classNumber: number): string | undefined {
  const [height, width] = segmentation.size;
  const ring = bridgeRings(rleToPolygons(segmentation));
  if (ring.length === 0) return undefined;
  // A quarter of a pixel would still be read back right; six places are what most tools write.
  const places = Math.max(6, Math.ceil(Math.log10(Math.max(width, height))) + 2);
  const values = ring.map((value, i) => {
    const part = value / (i % 2 === 0 ? width : height);
    return String(Number(part.toFixed(places)));
  });
  return [classNumber, ...values].join(" ");
}

/**
 * Reads the class names of `data.yaml`: a list, or a map of numbers.
 *
 * @param onProblem takes names that are none, whose classes are called by their numbers; thrown by default
 * @throws DatasetError `dataset-invalid`
 */
export function parseYoloNames(text: string, where: string, onProblem?: OnProblem): string[] {
  const names = yamlNames(parseYaml(text, where), where);
  const entries = Array.isArray(names) ? names.entries() : Object.entries(names as object);
  const list: string[] = [];
  for (const [key, name] of entries) {
    const number = numberOfText(String(key)) ?? Number.NaN;
    if (!Number.isInteger(number) || number < 0 || number > maxClassNumber)
      throw new DatasetError("dataset-invalid", `${where}: ${show(key)} under "names" is no class number.`);
    try {
      list[number] = asName(name, `${where}: name ${number}`);
    } catch (error) {
      setAside(error, where, onProblem);
    }
  }
  return Array.from(list, (name, number) => name ?? `class ${number}`);
}

function asName(name: unknown, where: string): string {
  if (name === null || (typeof name !== "object" && name !== undefined)) return String(name);
  throw new DatasetError("dataset-invalid", `${where} is ${show(name)}, not a text.`);
}

/** More classes than any data set has; a forged number must not fill memory. */
const maxClassNumber = 100_000;

function parseYaml(text: string, where: string): unknown {
  try {
    // References may not multiply: a few lines of them could fill memory.
    // Its warnings would be printed, where a library must not.
    return parse(text, { schema: "core", maxAliasCount: 100, logLevel: "error" });
  } catch (cause) {
    // After the first line comes a piece of the file.
    const [reason = ""] = (cause as Error).message.split("\n");
    throw new DatasetError("dataset-invalid", `${where} is not usable YAML: ${reason.replace(/:$/, "")}.`, {
      cause,
    });
  }
}

function yamlNames(content: unknown, where: string): unknown {
  const names = (content as { names?: unknown } | null)?.names;
  if (typeof names === "object" && names !== null) return names;
  throw new DatasetError(
    "dataset-invalid",
    `${where}: "names" is ${show(names)}, not a list or map of class names.`,
  );
}

/** Writes `data.yaml`. */
export function formatYoloYaml(names: readonly string[]): string {
  // A Map keeps the numbers numbers, where an object would write them as texts.
  return stringify({ path: ".", train: "images", val: "images", names: new Map(names.entries()) });
}

/** The tools' own rule: a label file has its image's path with the last folder `images` replaced by `labels`. */
export function labelPathOf(imageStem: string): string {
  return `${imageStem.replace(/(^|.*\/)images\//, "$1labels/")}.txt`;
}
