/** Colours of what is drawn over images. They don't change with the theme: the image doesn't either. */

import type { Rgb } from "@segany/sam";
import { readLiteralColour } from "../state/literal-colour.js";

/** Objects take these in turn; neighbours differ in hue and lightness, and none is the draft's blue. */
const PALETTE: readonly Rgb[] = [
  [255, 176, 0],
  [220, 38, 127],
  [34, 184, 120],
  [150, 92, 246],
  [254, 97, 0],
  [20, 184, 200],
  [190, 214, 40],
  [240, 98, 146],
  [121, 134, 203],
  [198, 140, 83],
  [0, 150, 136],
  [231, 76, 60],
];

const NAMES = [
  "Amber",
  "Magenta",
  "Green",
  "Violet",
  "Orange",
  "Cyan",
  "Lime",
  "Pink",
  "Indigo",
  "Tan",
  "Teal",
  "Red",
];

/** How many objects there can be before colours come again. */
export const PALETTE_SIZE = PALETTE.length;

/** The mask that is being made. */
export const DRAFT_COLOUR: Rgb = [47, 124, 255];
/** Marks of points on the object. */
export const ADD_COLOUR: Rgb = [22, 163, 74];
/** Marks of points that are not on it, and the eraser. */
export const REMOVE_COLOUR: Rgb = [220, 38, 38];
export const WHITE: Rgb = [255, 255, 255];
/** Under light lines, so that they are seen on light images too. */
export const SHADE: Rgb = [15, 18, 24];

/** Colours that are no place in the palette: each is one value, as those of the palette are. */
const literals = new Map<number, Rgb>();

/**
 * The colour of an object.
 *
 * @param colour any whole number ≥ 0; the palette is gone through again and again, up to the numbers that
 * are a colour themselves (`literalColour`)
 */
export function objectColour(colour: number): Rgb {
  const literal = literals.get(colour) ?? readLiteralColour(colour);
  if (!literal) return PALETTE[colour % PALETTE.length]!;
  literals.set(colour, literal);
  return literal;
}

/** What people call it. @param colour as for `objectColour` */
export function colourName(colour: number): string {
  const literal = readLiteralColour(colour);
  if (literal) return cssColour(literal);
  return NAMES[colour % NAMES.length]!;
}

/** A colour as CSS and the canvas take it. */
export function cssColour([red, green, blue]: Rgb, alpha = 1): string {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}
