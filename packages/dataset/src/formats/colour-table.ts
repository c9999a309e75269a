/** Tables of classes and their colours beside masks: `labelmap.txt`, `label_colors.txt`, `class_dict.csv`. */
import { DatasetError } from "../errors.js";
import type { LabelMap } from "../masks/label-map.js";
import { colourNumber, type MaskPixels, showColour } from "../masks/mask-pixels.js";
import { vocPalette } from "../masks/voc-palette.js";
import { linesOf } from "../text/decode-text.js";

/** A class of a table. */
export interface ColourClass {
  readonly name: string;
  /** 0xRRGGBB; absent where the table says none. */
  readonly colour?: number;
}

/** Names for what is no object, in the tables of many tools. */
const backgroundNames = /^_*(background|bg|unlabell?ed|none)_*$/i;

/** Whether a class of this name is what is no object. */
export function isBackground(name: string): boolean {
  return backgroundNames.test(name.trim());
}

/**
 * Reads a table in any of its forms, a class a line: "name:r,g,b:parts:actions", "r g b name", "name,r,g,b"
 * or a name alone.
 *
 * @throws DatasetError `dataset-invalid` for a table without a class
 */
export function parseColourTable(text: string, where: string): ColourClass[] {
  const lines = linesOf(text).filter((line) => !line.startsWith("#") && !/^name\s*,\s*r\s*,/i.test(line));
  const classes = lines.map(parseClass);
  if (classes.length > 0) return classes;
  throw new DatasetError(
    "dataset-invalid",
    `${where} has no class; it needs a line for each, such as "cat:128,0,0::".`,
  );
}

function parseClass(line: string): ColourClass {
  const number = "(\\d{1,3})";
  const colon = /^([^:]*):([^:]*)(:|$)/.exec(line);
  const rgb = (part: string): RegExpExecArray | null =>
    new RegExp(`^\\s*${number}[\\s,]+${number}[\\s,]+${number}\\s*$`).exec(part);
  if (colon) return classOf(colon[1]!, rgb(colon[2]!));
  const before = new RegExp(`^\\s*${number}[\\s,]+${number}[\\s,]+${number}[\\s,]+(.+)$`).exec(line);
  if (before) return classOf(before[4]!, before);
  const after = new RegExp(`^(.+?)\\s*,\\s*${number}\\s*,\\s*${number}\\s*,\\s*${number}\\s*$`).exec(line);
  if (after) return classOf(after[1]!, after.slice(1));
  return classOf(line, null);
}

/** @param colour with its three parts at 1 to 3 */
function classOf(name: string, colour: readonly string[] | null): ColourClass {
  const parts = colour?.slice(1, 4).map(Number);
  const isColour = parts?.every((part) => part <= 255);
  return { name: name.trim(), ...(isColour && { colour: colourNumber(parts![0]!, parts![1]!, parts![2]!) }) };
}

/**
 * The number of each pixel's class. Colours are looked up in the table, and where it says none in VOC's
 * palette by number; pixels of a palette or of grey are numbers already, unless the palette has the table's
 * colours.
 *
 * @param colours by number of the class
 * @throws DatasetError `annotation-invalid` for a colour of no class
 */
export function labelsOfPixels(
  pixels: MaskPixels,
  colours: ReadonlyMap<number, number>,
  where: string,
): LabelMap {
  const { width, height, numbers, palette, colours: found } = pixels;
  if (numbers && !(palette && isOfTable(numbers, palette, colours))) return { width, height, data: numbers };
  const data = new Uint16Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const colour = numbers ? palette![numbers[i]!]! : found![i]!;
    const label = colours.get(colour);
    if (label === undefined)
      throw new DatasetError(
        "annotation-invalid",
        `${where}: pixel ${i % width}, ${Math.floor(i / width)} has the colour ${showColour(colour)}, which is of no class of the table.`,
      );
    data[i] = label;
  }
  return { width, height, data };
}

/** Whether all entries of a palette that occur have colours of the table. */
function isOfTable(
  numbers: Uint8Array | Uint16Array,
  palette: readonly number[],
  colours: ReadonlyMap<number, number>,
): boolean {
  return [...new Set(numbers)].every((number) => colours.has(palette[number] ?? -1));
}

/** The colours of VOC's palette by their numbers, 0 to 255. */
export const vocColours: ReadonlyMap<number, number> = new Map(
  vocPalette.map(([red, green, blue], number) => [colourNumber(red, green, blue), number]),
);

/**
 * The number of each colour: that of its class in the table, else in VOC's palette.
 *
 * @param first the number of the table's first class
 */
export function coloursOfTable(classes: readonly ColourClass[], first: number): ReadonlyMap<number, number> {
  const stated = classes.flatMap(({ colour }, i) =>
    colour === undefined ? [] : [[colour, first + i] as const],
  );
  return stated.length > 0 ? new Map([...(first > 0 ? [[0, 0] as const] : []), ...stated]) : vocColours;
}

/**
 * Numbers the objects of an image of objects: grey values and entries of a palette as they are, colours by
 * VOC's palette or in the order in which they come, from 1; black is no object.
 */
export function objectsOfPixels({ width, height, numbers, colours }: MaskPixels): LabelMap {
  if (numbers) return { width, height, data: numbers };
  const isVoc = colours!.every((colour) => vocColours.has(colour));
  const order = new Map<number, number>([[0, 0]]);
  const data = new Uint16Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const colour = colours![i]!;
    if (!isVoc && !order.has(colour)) order.set(colour, order.size);
    data[i] = (isVoc ? vocColours : order).get(colour)!;
  }
  return { width, height, data };
}
