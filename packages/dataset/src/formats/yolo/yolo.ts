/**
 * YOLO segmentation labels: a line a mask, "class x1 y1 x2 y2 …", coordinates as parts of the image's width
 * and height.
 */
import type { BoxXywh } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import { ringToRle, rleToPolygons } from "../../masks/polygon-rle.js";
import type { Annotation, MaskAnnotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import type { Feature } from "../features.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { bridgeRings } from "./bridge-rings.js";
import { formOfLines, readLine, type YoloLine, type YoloTask } from "./yolo-lines.js";

/** What YOLO's labels can hold; boxes in images without masks, as its tools read no file with both. */
export const yoloHolds: ReadonlySet<Feature> = new Set<Feature>([
  "bareBoxes",
  "categories",
  "exactMasks",
  "holes",
  "overlaps",
  "parts",
  "sameNames",
]);

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Coordinates this far outside the image are taken (tools round carelessly); beyond they can't be parts of a
 * side.
 */
const lowestCoordinate = -1;
const highestCoordinate = 2;

/**
 * Reads a label file. Polygons are filled by the even-odd rule at pixel centres, which gives back our own
 * masks exactly; a line of four numbers after the class is a box (centre, width, height) without a mask. What
 * else lines may say is found from all of them (`formOfLines`): a predictor's confidence and track id are
 * kept as the extra fields `score` and `track_id`, keypoints are left out.
 *
 * @param size the image's
 * @param classes how many the data set has; ids are the class numbers + 1
 * @param where what to call the file in an error message
 * @param takers of what is wrong with a line, which is then left out (thrown by default), and of keypoints
 * @throws DatasetError `annotation-invalid`
 */
export function parseYoloLabels(
  text: string,
  size: Size,
  classes: number,
  where: string,
  { onProblem, onLoss }: ReadTakers = {},
  task: YoloTask = {},
): Annotation[] {
  const rows = text
    .split(/\r?\n|\r/)
    .map((line, index) => ({ words: line.trim().split(/\s+/), place: `${where}, line ${index + 1}` }))
    .filter(({ words }) => words[0] !== "");
  const parsed = parseEach(
    rows,
    (i) => rows[i]!.place,
    ({ words, place }) => ({ ...parseNumbers(words, classes, place), place }),
    onProblem,
  );
  const form = formOfLines(
    parsed.map(({ values }) => values),
    task,
  );
  const annotations = parseEach(
    parsed,
    (i) => parsed[i]!.place,
    ({ classNumber, values, place }) => {
      const line = readLine(values, form);
      if (!line)
        throw invalid(place, `${values.length} coordinates; a box has 4 numbers and a polygon at least 6`);
      checkParts(line.box ?? line.ring!, place);
      if (line.keypoints > 0) onLoss?.("keypoints", place, line.keypoints);
      return toAnnotation(classNumber, line, size);
    },
    onProblem,
  );
  return annotations.map((annotation, index) => ({ ...annotation, id: index + 1 }));
}

function parseNumbers(
  [classWord, ...words]: readonly string[],
  classes: number,
  where: string,
): { readonly classNumber: number; readonly values: readonly number[] } {
  const classNumber = numberOfText(classWord) ?? Number.NaN;
  if (!Number.isInteger(classNumber) || classNumber < 0 || classNumber >= classes)
    throw invalid(where, `the class is ${show(classWord)}, but the data set has classes 0 to ${classes - 1}`);
  const values = words.map((word) => {
    const value = numberOfText(word);
    if (value !== undefined) return value;
    throw invalid(where, `${show(word)} is not a part of the image's width or height, 0 to 1`);
  });
  return { classNumber, values };
}

function checkParts(values: readonly number[], where: string): void {
  const wrong = values.find((value) => !(value >= lowestCoordinate && value <= highestCoordinate));
  if (wrong === undefined) return;
  throw invalid(where, `${show(wrong)} is not a part of the image's width or height, 0 to 1`);
}

function toAnnotation(classNumber: number, { box, ring, score, trackId }: YoloLine, size: Size): Annotation {
  const extra = {
    ...(score !== undefined && { score }),
    ...(trackId !== undefined && { track_id: trackId }),
  };
  const fields = { categoryId: classNumber + 1, ...(Object.keys(extra).length > 0 && { extra }) };
  if (box) return newBox(0, boxOf(box, size), fields);
  const outer = ring!.map((value, i) => value * (i % 2 === 0 ? size.width : size.height));
  return newAnnotation(0, ringToRle(outer, size), fields);
}

/** Six places of a part are less than a hundredth of a pixel, so that pixels come back as they were. */
function boxOf([x, y, width, height]: readonly number[], size: Size): BoxXywh {
  const round = (value: number): number => Math.round(value * 100) / 100;
  const left = Math.max(0, round((x! - width! / 2) * size.width));
  const top = Math.max(0, round((y! - height! / 2) * size.height));
  const right = Math.min(size.width, round((x! + width! / 2) * size.width));
  const bottom = Math.min(size.height, round((y! + height! / 2) * size.height));
  return [left, top, Math.max(0, right - left), Math.max(0, bottom - top)];
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`);
}

/** Writes a box's line, without line end. */
export function formatYoloBox([x, y, width, height]: BoxXywh, size: Size, classNumber: number): string {
  const parts = [
    (x + width / 2) / size.width,
    (y + height / 2) / size.height,
    width / size.width,
    height / size.height,
  ];
  return [classNumber, ...parts.map((part) => String(Number(part.toFixed(6))))].join(" ");
}

/**
 * Writes a mask's line, without line end. Holes and separate parts are joined by bridges (`bridgeRings`).
 * Corners lie between pixels, so our reader gives back the mask exactly; tools that train on it round them to
 * whole pixels and fill with OpenCV's `fillPoly`, which is even-odd too but paints the line itself, and get
 * masks up to a pixel larger.
 *
 * @returns undefined for a mask without a pixel
 */
export function formatYoloLine({ segmentation }: MaskAnnotation, classNumber: number): string | undefined {
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
 * The tools' own rule: a label file has its image's path with the last folder `images` replaced by `labels`.
 */
export function labelPathOf(imageStem: string): string {
  return `${imageStem.replace(/(^|.*\/)images\//, "$1labels/")}.txt`;
}
