import { formatCsv } from "../csv.js";
/** Semantic label maps: the number of a class for each pixel, and a table of the classes. */

import { type Rle, rleArea } from "@segany/masks";
import { parse } from "csv-parse/sync";

import { DatasetError } from "../../errors.js";
import { numberOfText } from "../../json/number-of-text.js";
import { forEachPixel, type LabelMap, paintLabelMap, splitLabelMap } from "../../masks/label-map.js";
import { type PaletteColour, vocPalette } from "../../masks/voc-palette.js";
import type { Category, DatasetRecord, MaskRecord } from "../../record.js";
import type { ClassList } from "../class-list.js";
import type { Feature } from "../features.js";
import type { LossCounter } from "../losses.js";
import { newAnnotation } from "../new-annotation.js";

/** What semantic label maps can hold; regions to ignore become pixels of the highest number. */
export const semanticHolds: ReadonlySet<Feature> = new Set<Feature>([
  "categories",
  "exactMasks",
  "holes",
  "parts",
  "sameNames",
]);

/** A class of semantic label maps. */
export interface SemanticClass {
  /** The number of its pixels, from 1; 0 is the background. */
  readonly label: number;
  readonly name: string;
  readonly colour: PaletteColour;
}

/** The number of pixels to ignore: the highest there is. */
export function ignoreLabelOf(bits: 8 | 16): number {
  return bits === 8 ? 255 : 65_535;
}

/**
 * How many bits the pixels need, and whether classes can be numbered by their ids.
 *
 * @throws DatasetError `dataset-too-large` for more classes than 16 bits can number
 */
export function planLabels(categories: readonly Category[]): {
  readonly bits: 8 | 16;
  readonly keepIds: boolean;
} {
  const highestId = highestIdOf(categories);
  const keepIds = highestId < ignoreLabelOf(16) - 1 && categories.every(({ id }) => id > 0);
  // One more for masks without a class.
  const highest = (keepIds ? highestId : categories.length) + 1;
  if (highest >= ignoreLabelOf(16)) {
    throw new DatasetError(
      "dataset-too-large",
      `The data set has ${categories.length} classes, more than the ${ignoreLabelOf(16) - 1} of 16 bits; drop or merge some first.`,
    );
  }
  return { bits: highest < ignoreLabelOf(8) ? 8 : 16, keepIds };
}

/** The classes as the table lists them. */
export function semanticClasses(
  classes: ClassList,
  categories: readonly Category[],
  keepIds: boolean,
): SemanticClass[] {
  return classes.names.map((name, number) => {
    const label = semanticLabel(number, categories, keepIds);
    return { label, name, colour: defaultColour(label) };
  });
}

/**
 * The number of a class's pixels.
 *
 * @param number of the class, from 0; the one after all categories is that of masks without a class
 */
export function semanticLabel(number: number, categories: readonly Category[], keepIds: boolean): number {
  if (!keepIds) return number + 1;
  return categories[number]?.id ?? highestIdOf(categories) + 1;
}

function highestIdOf(categories: readonly Category[]): number {
  return categories.reduce((highest, { id }) => Math.max(highest, id), 0);
}

function defaultColour(label: number): PaletteColour {
  return vocPalette[label % 256]!;
}

/**
 * Paints an image's masks by class and counts what gets lost: the objects of a class become one, and a pixel
 * has one class.
 *
 * @param labelOf the number of a class's pixels by the id of the class
 */
export function toSemanticMap(
  record: MaskRecord,
  labelOf: (categoryId: number | undefined) => number,
  bits: 8 | 16,
  losses: LossCounter,
): LabelMap {
  const { image, annotations, ignoreRegions = [] } = record;
  losses.addRecord({ image, annotations });
  losses.add("ignoreRegions", Math.max(0, ignoreRegions.length - 1));
  const layers = annotations
    .filter(({ segmentation }) => rleArea(segmentation) > 0)
    .map(({ segmentation, categoryId }) => ({ segmentation, label: labelOf(categoryId) }));
  losses.add("instances", layers.length - new Set(layers.map(({ label }) => label)).size);
  const { map, sharedPixels } = paintLabelMap(image, layers, bits);
  losses.add("overlaps", sharedPixels);
  for (const { segmentation } of ignoreRegions) {
    forEachPixel(segmentation, (pixel) => {
      if (map.data[pixel] === 0) map.data[pixel] = ignoreLabelOf(bits);
    });
  }
  return map;
}

/**
 * Takes a map apart: one mask for each class that occurs.
 *
 * @param labels of the known classes
 * @throws DatasetError `annotation-invalid` for a number that is no class
 */
export function fromSemanticMap(
  map: LabelMap,
  labels: ReadonlySet<number>,
  where: string,
): Pick<DatasetRecord, "annotations" | "ignoreRegions"> {
  const ignoreLabel = ignoreLabelOf(map.data instanceof Uint16Array ? 16 : 8);
  const annotations = [];
  let ignored: Rle | undefined;
  for (const [label, segmentation] of splitLabelMap(map)) {
    if (labels.has(label)) annotations.push(newAnnotation(label, segmentation, { categoryId: label }));
    else if (label === ignoreLabel) ignored = segmentation;
    else if (label !== 0)
      throw new DatasetError(
        "annotation-invalid",
        `${where}: pixels have the number ${label}, which is no class of the table.`,
      );
  }
  return { annotations, ...(ignored && { ignoreRegions: [{ segmentation: ignored }] }) };
}

const columns = ["id", "name", "red", "green", "blue"];

/** Writes the table of classes. */
export function formatClassTable(classes: readonly SemanticClass[]): string {
  return formatCsv([columns, ...classes.map(({ label, name, colour }) => [label, name, ...colour])]);
}

/**
 * Reads the table of classes: `id` and `name`, colours optional.
 *
 * @throws DatasetError `dataset-invalid`
 */
export function parseClassTable(text: string, where: string): SemanticClass[] {
  return parseRows(text, where).map((row, i) => {
    const label = numberOfText(row.id) ?? Number.NaN;
    const { name } = row;
    if (!Number.isInteger(label) || label < 0 || label > 65_535 || name === undefined)
      throw new DatasetError(
        "dataset-invalid",
        `${where}, line ${i + 2}: a class has an id of 0 to 65535 and a name.`,
      );
    const colour = [row.red, row.green, row.blue].map((part) => numberOfText(part) ?? Number.NaN);
    const isColour = colour.every((value) => Number.isInteger(value) && value >= 0 && value <= 255);
    return { label, name, colour: isColour ? (colour as unknown as PaletteColour) : defaultColour(label) };
  });
}

function parseRows(text: string, where: string): Record<string, string | undefined>[] {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw new DatasetError("dataset-invalid", `${where} is not a table: ${(cause as Error).message}`, {
      cause,
    });
  }
}
