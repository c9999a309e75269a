/**
 * KITTI's object labels: a line an object, with class, remarks and box; what is after the box is of three
 * dimensions.
 */
import { encodeRle, type Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation, DatasetRecord, IgnoreRegion, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { linesOf } from "../../text/decode-text.js";
import { newBox } from "../new-annotation.js";

/** KITTI's class for regions where objects are not labelled. */
const ignoredClass = "DontCare";
/** After the class: truncated, occluded, the angle of observation; then the box. */
const fieldsBeforeBox = 3;

/** A line's class may have spaces in it, so the numbers are counted from the end. */
function splitLine(line: string): {
  readonly name: string;
  readonly numbers: readonly (number | undefined)[];
} {
  const words = line.trim().split(/\s+/);
  let first = words.length;
  while (first > 1 && numberOfText(words[first - 1]) !== undefined) first--;
  return { name: words.slice(0, first).join(" "), numbers: words.slice(first).map(numberOfText) };
}

/** The class of a line; undefined for a region to ignore. */
export function classOfLine(line: string): string | undefined {
  const { name } = splitLine(line);
  return name === ignoredClass ? undefined : name;
}

/**
 * Reads a file of labels.
 *
 * @param takers of what is wrong with a line, which is then left out; thrown by default
 * @throws DatasetError `annotation-invalid`
 */
export function parseKittiLines(
  text: string,
  size: Size,
  categoryIds: (name: string) => number | undefined,
  where: string,
  takers: ReadTakers = {},
): Pick<DatasetRecord, "annotations" | "ignoreRegions"> {
  const annotations: Annotation[] = [];
  const ignoreRegions: IgnoreRegion[] = [];
  parseEach(
    linesOf(text),
    (i) => `${where}, line ${i + 1}`,
    (line, place) => {
      const { name, numbers } = splitLine(line);
      const [left, top, right, bottom] = numbers.slice(fieldsBeforeBox, fieldsBeforeBox + 4);
      if (left === undefined || top === undefined || !(right! >= left) || !(bottom! >= top))
        throw new DatasetError(
          "annotation-invalid",
          `${place}: ${show(line)} is no object; it needs a class, truncated, occluded, alpha, and the box left, top, right, bottom.`,
        );
      const box = [left, top, right! - left, bottom! - top] as const;
      if (name === ignoredClass) {
        ignoreRegions.push(regionOf(box, size));
        return;
      }
      const categoryId = categoryIds(name);
      const score = numbers[14];
      const extra = {
        ...(numbers[0]! > 0 && { truncated: numbers[0]! }),
        ...(numbers[1]! > 0 && { occluded: numbers[1]! }),
        ...(score !== undefined && score !== 1 && { score }),
      };
      annotations.push(
        newBox(annotations.length + 1, box, {
          ...(categoryId !== undefined && { categoryId }),
          ...(Object.keys(extra).length > 0 && { extra }),
        }),
      );
    },
    takers.onProblem,
  );
  return { annotations, ...(ignoreRegions.length > 0 && { ignoreRegions }) };
}

function regionOf(
  [x, y, w, h]: readonly [number, number, number, number],
  { width, height }: Size,
): IgnoreRegion {
  const data = new Uint8Array(width * height);
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));
  const [left, right] = [clamp(x, width), clamp(x + w, width)];
  for (let row = clamp(y, height); row < clamp(y + h, height); row++)
    data.fill(1, row * width + left, row * width + right);
  return { segmentation: encodeRle({ width, height, data }) };
}
