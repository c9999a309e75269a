/** DOTA: a line an object, the four corners of a turned box in pixels, a class, and how hard it is to see. */
import type { Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation } from "../new-annotation.js";
import { maskOfRing } from "../shapes.js";

const CORNER_NUMBERS = 8;

/** What files say of their image before the objects: `imagesource:GoogleEarth`, `gsd:0.146`. */
const REMARK = /^\s*(?:imagesource|gsd)\s*:/i;

/** A line that is an object, as in the beginning of a file. */
export const dotaLine = /^\s*(?:-?\d+(?:\.\d+)?[\s,]+){8}[^\s\d,][^\s,]*(?:[\s,]+[0-2])?\s*$/m;

/** An object's line, and its number in the file. */
export interface DotaLine {
  readonly words: readonly string[];
  readonly lineNumber: number;
}

/** The lines of objects. */
export function dotaLines(text: string): DotaLine[] {
  return text
    .split(/\r?\n|\r/)
    .map((line, i) => ({ line, words: line.trim().split(/[\s,]+/), lineNumber: i + 1 }))
    .filter(({ line, words }) => words[0] !== "" && !REMARK.test(line));
}

/** The class of a line: what is after the corners, without the mark of difficulty. */
export function classOfDota({ words }: DotaLine): string {
  const rest = words.slice(CORNER_NUMBERS);
  const hasMark = rest.length > 1 && numberOfText(rest.at(-1)) !== undefined;
  return (hasMark ? rest.slice(0, -1) : rest).join(" ");
}

/**
 * Reads the lines of a file. Each turned box is an outline of four corners; its mark of difficulty is kept as
 * the extra field `difficult`.
 *
 * @param takers of what is wrong with a line, which is then left out; thrown by default
 * @throws DatasetError `annotation-invalid`
 */
export function parseDotaLines(
  lines: readonly DotaLine[],
  size: Size,
  categoryIds: (name: string) => number | undefined,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  const annotations = parseEach(
    lines,
    (i) => `${where}, line ${lines[i]!.lineNumber}`,
    (line, place) => {
      const ring = line.words.slice(0, CORNER_NUMBERS).map(numberOfText);
      const name = classOfDota(line);
      if (!isRing(ring) || name === "")
        throw new DatasetError(
          "annotation-invalid",
          `${place}: ${show(line.words.join(" "))} is no object; it needs x and y of four corners and a class.`,
        );
      const { segmentation, polygons } = maskOfRing(ring, size, place, takers);
      const categoryId = categoryIds(name);
      const difficult = numberOfText(line.words.at(-1)) ?? 0;
      return newAnnotation(0, segmentation, {
        ...(categoryId !== undefined && { categoryId }),
        ...(polygons && { polygons }),
        ...(difficult > 0 && { extra: { difficult } }),
      });
    },
    takers.onProblem,
  );
  return annotations.map((annotation, i) => ({ ...annotation, id: i + 1 }));
}

function isRing(values: readonly (number | undefined)[]): values is number[] {
  return values.length === CORNER_NUMBERS && !values.includes(undefined);
}
