/** Inputs of OWL-ViT and OWLv2 (their image processors in Hugging Face's transformers). */
import type { RgbaImage } from "@segany/masks";
import { resizeBicubic } from "../../images/resize-bicubic.js";
import { preprocess } from "../../preprocessing/preprocess.js";
import { CLIP_PIXELS } from "../clip-pixels.js";
import { blurredAxis, type Taps } from "./blurred-axis.js";

/** OWL-ViT: stretched to the square by an antialiased bicubic filter, normalised as CLIP's. */
export function owlVitPixels(image: RgbaImage, side: number): Float32Array {
  return preprocess(resizeBicubic(image, { width: side, height: side }), { ...CLIP_PIXELS, imageSize: side });
}

/** The grey that the square is padded with. */
const GREY = 0.5;

/**
 * OWLv2: padded with grey at the right and at the bottom to a square, blurred by a Gaussian as far as it
 * shrinks, interpolated, normalised as CLIP's.
 *
 * @returns 3 x side x side values
 */
export function owlv2Pixels(image: RgbaImage, side: number): Float32Array {
  const { width, height } = image;
  const taps = blurredAxis(Math.max(width, height), side);
  const rows = [0, 1, 2].map((channel) => resizeRows(image, channel, taps, side));
  const pixels = new Float32Array(3 * side * side);
  for (const [channel, plane] of rows.entries()) {
    const { least, most } = rangeOf(image, channel);
    const [mean, deviation] = [CLIP_PIXELS.pixelMean[channel]!, CLIP_PIXELS.pixelStd[channel]!];
    taps.forEach(({ first, weights }, y) => {
      for (let x = 0; x < side; x++) {
        let value = 0;
        weights.forEach((weight, i) => {
          value += weight * (first + i < height ? plane[(first + i) * side + x]! : GREY);
        });
        const clipped = Math.min(Math.max(value, least), most);
        pixels[(channel * side + y) * side + x] = (clipped - mean) / deviation;
      }
    });
  }
  return pixels;
}

/** One channel of the image's own rows, as wide as the result. */
function resizeRows(
  { width, height, data }: RgbaImage,
  channel: number,
  taps: readonly Taps[],
  side: number,
): Float32Array {
  const rows = new Float32Array(height * side);
  for (let y = 0; y < height; y++)
    taps.forEach(({ first, weights }, x) => {
      let value = 0;
      for (let i = 0; i < weights.length; i++) {
        const column = first + i;
        value += weights[i]! * (column < width ? data[4 * (y * width + column) + channel]! / 255 : GREY);
      }
      rows[y * side + x] = value;
    });
  return rows;
}

/** Least and greatest value of a channel of the padded image. */
function rangeOf({ width, height, data }: RgbaImage, channel: number): { least: number; most: number } {
  let [least, most] = width === height ? [1, 0] : [GREY, GREY];
  for (let i = channel; i < data.length; i += 4) {
    const value = data[i]! / 255;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}
