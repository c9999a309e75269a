import { type RgbaImage, SamError } from "@segany/masks";
import type { PlanarRgbImage } from "../images/resample.js";
import { resizeBicubic } from "../images/resize-bicubic.js";
import { preprocess } from "../preprocessing/preprocess.js";

/** Mean and deviation of the pixels that CLIP was trained on, in units of 0 to 1. */
export const CLIP_PIXELS = {
  pixelMean: [0.48145466, 0.4578275, 0.40821073],
  pixelStd: [0.26862954, 0.26130258, 0.27577711],
  range: "unit",
} as const;

/** A narrower image would need gigabytes when its short side is enlarged. */
const MAX_ASPECT = 100;

/**
 * The input of CLIP's image tower: the shortest side resized to `side` by an antialiased bicubic filter, the
 * centre cropped, normalised (`_transform` of openai/CLIP). Alpha is dropped.
 *
 * @param side pixels, 224 for most models
 * @param into array for the result; it is overwritten
 * @returns 3 x side x side values
 * @throws SamError `image-empty` without pixels, `option-invalid` if one side is more than 100 times the
 *   other
 */
export function clipPixels(image: RgbaImage, side: number, into?: Float32Array): Float32Array {
  return preprocess(clipCrop(image, side), { ...CLIP_PIXELS, imageSize: side, ...(into && { into }) });
}

/** The same before normalisation, as bytes. */
export function clipCrop(image: RgbaImage, side: number): PlanarRgbImage {
  const { width, height } = image;
  const shortest = Math.min(width, height);
  if (Math.max(width, height) > MAX_ASPECT * shortest && shortest > 0)
    throw new SamError(
      "option-invalid",
      `The image is ${width} x ${height} pixels; CLIP needs one that is not more than ${MAX_ASPECT} times as long as wide.`,
    );
  const scaled = (length: number) => (length === shortest ? side : Math.trunc((side * length) / shortest));
  const size = shortest > 0 ? { width: scaled(width), height: scaled(height) } : { width, height };
  return cropCentre(resizeBicubic(image, size), side);
}

function cropCentre(image: PlanarRgbImage, side: number): PlanarRgbImage {
  const { width, height, data } = image;
  const [left, top] = [centreOffset(width - side), centreOffset(height - side)];
  const cropped = new Uint8Array(3 * side * side);
  for (let row = 0; row < 3 * side; row++) {
    const [plane, y] = [Math.floor(row / side), row % side];
    const start = (plane * height + top + y) * width + left;
    cropped.set(data.subarray(start, start + side), row * side);
  }
  return { width: side, height: side, data: cropped };
}

/** Half of it; halves go to the even neighbour, as in Python's `round`. */
function centreOffset(excess: number): number {
  const half = Math.floor(excess / 2);
  return excess % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}
