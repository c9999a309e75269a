/**
 * Images of masks that say nothing of themselves: one mask with soft edges, or a number or a colour an
 * object.
 */
import { encodeRle, type Rle } from "@segany/masks";
import { splitLabelMap } from "../masks/label-map.js";
import type { MaskPixels } from "../masks/mask-pixels.js";
import { binaryMask } from "./binary-mask.js";
import { objectsOfPixels } from "./colour-table.js";

/** The objects of an image of masks. */
export interface InterpretedMask {
  /** With the numbers that their pixels have; 1 for the only mask of an image of black and white. */
  readonly objects: readonly { readonly number: number; readonly segmentation: Rle }[];
  /** Whether edges were soft and are cut at half. */
  readonly isSoft: boolean;
}

/** Soft edges of a mask that reaches white are less than this part of the pixels that aren't black. */
const mostSoft = 0.5;

/** Of wider edges, as of small masks and probabilities, so many pixels lie between their neighbours. */
const leastRising = 0.9;
/** Where so few grey values are, they are numbers. */
const fewValues = 8;

/**
 * Finds out what an image of masks is. Grey that reaches white, with other values in less than half of its
 * pixels that aren't black, is one mask; so is grey that rises and falls all around its brightest parts, and
 * what has transparency around it. Other grey, and entries of a palette, are numbers of objects, and colours
 * are objects each.
 *
 * @param isLossy whether pixels are near their values only, so that they can be no numbers
 */
export function interpretMask(pixels: MaskPixels, isLossy = false): InterpretedMask {
  const plain = withoutColours(pixels);
  if (isLossy || isOneMask(plain)) {
    const { mask, isSoft } = binaryMask(plain);
    return { objects: mask.data.includes(1) ? [{ number: 1, segmentation: encodeRle(mask) }] : [], isSoft };
  }
  const objects = [...splitLabelMap(objectsOfPixels(plain))]
    .filter(([number]) => number !== 0)
    .map(([number, segmentation]) => ({ number, segmentation }));
  return { objects, isSoft: false };
}

/** Grey that was written as colours. */
function withoutColours(pixels: MaskPixels): MaskPixels {
  const { width, height, colours, alpha } = pixels;
  const isGrey = colours?.every((colour) => colour === (colour & 255) * 0x010101);
  if (!colours || !isGrey) return pixels;
  return {
    width,
    height,
    numbers: Uint8Array.from(colours, (colour) => colour & 255),
    ...(alpha && { alpha }),
  };
}

function isOneMask(pixels: MaskPixels): boolean {
  const { numbers, palette, alpha } = pixels;
  if (alpha?.some((value) => value === 0) && alpha.some((value) => value > 0)) return true;
  if (!numbers || palette || numbers instanceof Uint16Array) return false;
  let inside = 0;
  let between = 0;
  let isWhite = false;
  for (const value of numbers) {
    if (value > 0) inside++;
    if (value > 0 && value < 255) between++;
    if (value === 255) isWhite = true;
  }
  return (isWhite && between < mostSoft * inside) || isRising(pixels as Grey);
}

type Grey = MaskPixels & { readonly numbers: Uint8Array };

/**
 * Whether nearly all values between black and the brightest are between those of their neighbours in a row or
 * a column. Inside of objects with numbers, and along their edges, they are not.
 */
function isRising({ width, height, numbers }: Grey): boolean {
  const brightest = numbers.reduce((most, value) => Math.max(most, value), 0);
  const values = new Set<number>();
  let between = 0;
  let rising = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (value === 0 || value === brightest) continue;
    values.add(value);
    between++;
    const [x, y] = [i % width, Math.floor(i / width)];
    const isOnRow = x > 0 && x < width - 1 && isBetween(numbers[i - 1]!, value, numbers[i + 1]!);
    const isOnColumn = y > 0 && y < height - 1 && isBetween(numbers[i - width]!, value, numbers[i + width]!);
    if (isOnRow || isOnColumn) rising++;
  }
  // Objects of a pixel or two, numbered without a gap, may rise, too.
  const isCount = values.size >= brightest - 1 && between < 3 * values.size;
  return values.size >= fewValues && rising >= leastRising * between && !isCount;
}

function isBetween(before: number, value: number, after: number): boolean {
  return (before < value && value < after) || (before > value && value > after);
}
