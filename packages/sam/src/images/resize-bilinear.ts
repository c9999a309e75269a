import type { RgbaImage, Size } from "@segany/masks";
import { type PlanarRgbImage, type ResamplingFilter, resample } from "./resample.js";

export type { PlanarRgbImage } from "./resample.js";

const TRIANGLE: ResamplingFilter = {
  support: 1,
  weight: (distance) => Math.max(0, 1 - Math.abs(distance)),
};

/**
 * Resizes an image with Pillow's antialiased bilinear filter, bit-identical to `Image.resize(size, BILINEAR)`
 * on 8-bit RGB, which Meta's `ResizeLongestSide.apply_image` uses. Horizontal pass first, then vertical, each
 * rounded to 8 bits; a pass without a change of size is skipped. Alpha is dropped, like in Pillow's
 * `convert("RGB")`.
 *
 * @param size the requested size in pixels, at least 1x1
 * @returns a new planar image
 * @throws SamError `image-empty` if either size has no pixels
 *
 * @example
 * const { width, height, data } = resizeBilinear(image, { width: 300, height: 200 });
 * console.log(width, height, data.length); // 300 200 180000
 */
export function resizeBilinear(image: RgbaImage, size: Size): PlanarRgbImage {
  return resample(image, size, TRIANGLE);
}
