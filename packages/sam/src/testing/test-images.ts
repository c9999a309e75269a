/** For tests: small images and masks, and reading them. */
import type { Mask, RgbaImage } from "@segany/masks";
import type { Rgb } from "../render/colours.js";

/** Colour of test images. */
export const GREY: Rgb = [100, 100, 100];

/** The four values of a pixel. */
export function pixel(image: RgbaImage, x: number, y: number): number[] {
  const at = 4 * (y * image.width + x);
  return [...image.data.subarray(at, at + 4)];
}

/** A mask from rows of text: # is inside. */
export function maskOf(...rows: readonly string[]): Mask {
  const data = Uint8Array.from([...rows.join("")].map((sign) => (sign === "#" ? 1 : 0)));
  return { width: rows[0]!.length, height: rows.length, data };
}

/** A filled rectangle, right and bottom exclusive. */
export function rectangle(width: number, height: number, [x0, y0, x1, y1]: readonly number[]): Mask {
  const inside = (i: number) => {
    const x = i % width;
    const y = Math.floor(i / width);
    return x >= x0! && x < x1! && y >= y0! && y < y1!;
  };
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => (inside(i) ? 1 : 0)) };
}

/** Number of different pixels of two images of one size. */
export function changedPixels(a: RgbaImage, b: RgbaImage): number {
  let count = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if ([0, 1, 2, 3].some((c) => a.data[i + c] !== b.data[i + c])) count++;
  }
  return count;
}
