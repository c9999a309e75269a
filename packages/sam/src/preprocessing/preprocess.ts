import { SamError } from "@segany/masks";
import type { PlanarRgbImage } from "../images/resize-bilinear.js";
import type { ImagePreprocessing, RgbValues } from "../model/image-preprocessing.js";

/** Settings of `preprocess`. */
export interface PreprocessOptions {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  readonly pixelMean: RgbValues;
  readonly pixelStd: RgbValues;
  /** The units of mean and standard deviation, see `ImagePreprocessing`; default is `bytes`. */
  readonly range?: ImagePreprocessing["range"];
  /** Array for the 3 x imageSize x imageSize result instead of a new one; it is overwritten completely. */
  readonly into?: Float32Array;
}

/**
 * Computes the image encoder's input: (pixel - mean) / std in single precision, then zeros to the right and
 * below (`Sam.preprocess` in Meta's repository; the padding is zero after normalising, not a black pixel).
 *
 * @param resized an image whose long side is at most `imageSize`
 * @returns 1x3xSxS values with S = `imageSize`, row-major; `into` if given
 * @throws SamError `option-invalid` if the image doesn't fit the square or `into` has another length
 */
export function preprocess(
  resized: PlanarRgbImage,
  { imageSize, pixelMean, pixelStd, range = "bytes", into }: PreprocessOptions,
): Float32Array {
  const { width, height, data } = resized;
  if (width > imageSize || height > imageSize) {
    throw new SamError(
      "option-invalid",
      `The image is ${width} x ${height} pixels and doesn't fit the model's ${imageSize} x ${imageSize}; resize its long side first.`,
    );
  }
  const target = into ?? new Float32Array(3 * imageSize * imageSize);
  assertLength(target, 3 * imageSize * imageSize);
  const { offset, unit } = unitsOf(data, range);
  for (let channel = 0; channel < 3; channel++) {
    const levels = normalizedLevels(
      (value) => (value - offset) / unit,
      pixelMean[channel]!,
      pixelStd[channel]!,
    );
    const planeStart = channel * imageSize * imageSize;
    for (let y = 0; y < height; y++) {
      const source = (channel * height + y) * width;
      const row = planeStart + y * imageSize;
      for (let x = 0; x < width; x++) target[row + x] = levels[data[source + x]!]!;
      target.fill(0, row + width, row + imageSize);
    }
    target.fill(0, planeStart + height * imageSize, planeStart + imageSize * imageSize);
  }
  return target;
}

/** The byte that is 0, and how many make 1. */
function unitsOf(data: Uint8Array, range: ImagePreprocessing["range"]): { offset: number; unit: number } {
  switch (range) {
    case "bytes":
      return { offset: 0, unit: 1 };
    case "unit":
      return { offset: 0, unit: 255 };
    case "minmax": {
      const least = data.reduce((a, b) => Math.min(a, b), 255);
      const most = data.reduce((a, b) => Math.max(a, b), 0);
      return { offset: least, unit: Math.max(1, most - least) };
    }
  }
}

/** The 256 possible results of a channel, rounded after each step like single-precision arithmetic. */
function normalizedLevels(scale: (value: number) => number, mean: number, std: number): Float32Array {
  const levels = new Float32Array(256);
  for (let value = 0; value < 256; value++) {
    levels[value] = Math.fround(Math.fround(scale(value)) - Math.fround(mean)) / Math.fround(std);
  }
  return levels;
}

function assertLength(target: Float32Array, length: number): void {
  if (target.length === length) return;
  throw new SamError(
    "option-invalid",
    `The array to write into has ${target.length} values; the model's input has ${length}.`,
  );
}
