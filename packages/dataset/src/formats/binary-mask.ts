/** Images of one mask, as tools write them: white on black, transparent around, or with soft edges. */
import type { Mask } from "@segany/masks";
import type { MaskPixels } from "../masks/mask-pixels.js";

/** A mask, and whether edges had to be cut. */
export interface BinaryMask {
  readonly mask: Mask;
  /** Whether there were values between none and full, which are cut at half. */
  readonly isSoft: boolean;
}

/**
 * Takes what is at least half as opaque as the most opaque pixel, or without transparency half as bright as
 * the brightest.
 */
export function binaryMask(pixels: MaskPixels): BinaryMask {
  const { width, height } = pixels;
  const levels = levelsOf(pixels);
  let highest = 0;
  for (const level of levels) if (level > highest) highest = level;
  const data = new Uint8Array(width * height);
  let isSoft = false;
  for (let i = 0; i < data.length; i++) {
    const level = levels[i]!;
    if (level !== 0 && level !== highest) isSoft = true;
    data[i] = level > 0 && level * 2 >= highest ? 1 : 0;
  }
  return { mask: { width, height, data }, isSoft };
}

function levelsOf({ width, height, numbers, palette, colours, alpha }: MaskPixels): Uint8Array | Uint16Array {
  if (alpha?.some((value) => value === 0) && alpha.some((value) => value > 0)) return alpha;
  if (numbers && !palette) return numbers;
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const colour = colours ? colours[i]! : palette![numbers![i]!]!;
    data[i] = Math.max(colour >> 16, (colour >> 8) & 255, colour & 255);
  }
  return data;
}
