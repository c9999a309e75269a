/** Writes PNG on Node, with sharp (libvips). */

import { checkMask, type Mask, type RgbaImage } from "@segany/masks";
import type { Sharp } from "sharp";
import { checkImage } from "./check-image.js";
import { loadSharp } from "./node-sharp.js";

/**
 * Encodes an image as PNG: RGBA, or RGB if every pixel is opaque.
 *
 * @throws SamError `image-empty` or `image-unreadable` for an invalid image
 *
 * @example
 * const png = await encodePng(await readImage("examples/still-life.jpg"));
 * console.log(sniffImage(png).format); // png
 */
export async function encodePng(image: RgbaImage): Promise<Uint8Array> {
  checkImage(image);
  const { width, height, data } = image;
  const sharp = await loadSharp();
  const pixels = sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false });
  return encode(isOpaque(image) ? pixels.removeAlpha() : pixels);
}

/**
 * Encodes a mask as an 8-bit grey PNG, 0 outside and 255 inside, like Meta's `scripts/amg.py`.
 *
 * @throws SamError `mask-invalid`, `image-empty` if the mask has no pixels
 *
 * @example
 * const png = await encodeMaskPng(mask); // 0 outside, 255 inside
 * console.log((await readImageHeader(png)).width); // 6
 */
export async function encodeMaskPng(mask: Mask): Promise<Uint8Array> {
  checkMask(mask);
  const { width, height } = mask;
  const data = mask.data.map((value) => (value === 0 ? 0 : 255));
  const sharp = await loadSharp();
  return encode(
    sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false }).toColourspace("b-w"),
  );
}

async function encode(pixels: Sharp): Promise<Uint8Array> {
  return pixels.png({ compressionLevel: 6 }).toBuffer();
}

function isOpaque({ data }: RgbaImage): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}
