import type { PlanarRgbImage } from "../../images/resize-bilinear.js";
import type { NamedTensors } from "../../model/model-family.js";
import { preprocess, type RgbValues } from "../../preprocessing/preprocess.js";
import type { Architecture } from "./architecture.js";

/** Pixel mean that all published SAM models were trained with (paper, appendix A). */
const PIXEL_MEAN: RgbValues = [123.675, 116.28, 103.53];

/** Pixel standard deviation that all published SAM models were trained with (paper, appendix A). */
const PIXEL_STD: RgbValues = [58.395, 57.12, 57.375];

/** The encoder's input: `image` 1x3xSxS, normalised and padded. */
export function prepareImage(
  image: PlanarRgbImage,
  { encoder: { imageSize } }: Architecture,
  reuse?: NamedTensors,
): NamedTensors {
  const into = reuse?.image?.data as Float32Array | undefined;
  const options = { imageSize, pixelMean: PIXEL_MEAN, pixelStd: PIXEL_STD, ...(into && { into }) };
  const data = preprocess(image, options);
  return { image: { dtype: "float32", shape: [1, 3, imageSize, imageSize], data } };
}
