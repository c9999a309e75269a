import type { PlanarRgbImage } from "../../images/resize-bilinear.js";
import { SAM_PREPROCESSING } from "../../model/image-preprocessing.js";
import type { NamedTensors } from "../../model/model-family.js";
import { preprocess } from "../../preprocessing/preprocess.js";
import type { Architecture } from "./architecture.js";

/** The encoder's input: `image` 1x3xSxS, normalised and padded. */
export function prepareImage(
  image: PlanarRgbImage,
  { encoder: { imageSize }, preprocessing = SAM_PREPROCESSING }: Architecture,
  reuse?: NamedTensors,
): NamedTensors {
  const into = reuse?.image?.data as Float32Array | undefined;
  const { mean: pixelMean, std: pixelStd, range } = preprocessing;
  const data = preprocess(image, { imageSize, pixelMean, pixelStd, range, ...(into && { into }) });
  return { image: { dtype: "float32", shape: [1, 3, imageSize, imageSize], data } };
}
