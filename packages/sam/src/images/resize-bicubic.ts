import type { RgbaImage, Size } from "@segany/masks";
import { type PlanarRgbImage, type ResamplingFilter, resample } from "./resample.js";

/** Keys' parameter of the cubic convolution, as Pillow has it. */
const A = -0.5;

const CUBIC: ResamplingFilter = {
  support: 2,
  weight(distance) {
    const x = Math.abs(distance);
    if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
  },
};

/**
 * Resizes an image with Pillow's antialiased bicubic filter, bit-identical to `Image.resize(size, BICUBIC)`
 * on 8-bit RGB. Alpha is dropped.
 *
 * @param size the requested size in pixels, at least 1x1
 * @throws SamError `image-empty` if either size has no pixels
 */
export function resizeBicubic(image: RgbaImage, size: Size): PlanarRgbImage {
  return resample(image, size, CUBIC);
}
