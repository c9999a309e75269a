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

/** Soft edges are less than this part of the pixels that aren't black. */
const mostSoft = 0.5;

/**
 * Finds out what an image of masks is. Grey that reaches white, with other values in less than half of its
 * pixels that aren't black, is one mask; so is what has transparency around it. Other grey, and entries of a
 * palette, are numbers of objects, and colours are objects each.
 */
export function interpretMask(pixels: MaskPixels): InterpretedMask {
  const plain = withoutColours(pixels);
  if (isOneMask(plain)) {
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

function isOneMask({ numbers, palette, alpha }: MaskPixels): boolean {
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
  return isWhite && between < mostSoft * inside;
}
