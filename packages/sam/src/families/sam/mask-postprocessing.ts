import type { GraphBuilder, Value } from "@segany/graph";
import {
  add,
  cast,
  cropTo,
  div,
  floor,
  greater,
  mul,
  reduceMax,
  reduceSum,
  resizeBilinear,
} from "@segany/graph/ops";

/** How far from the threshold, in logits, a mask is compared with itself for its stability. */
const STABILITY_OFFSET = 1;

/**
 * Low-resolution logits BxMxSxS at the original image's size BxMxHxW: up to the model's input, the padding
 * cut off, and to the image, both times bilinear (Meta's `SamOnnxModel.mask_postprocessing`).
 *
 * @param origImSize float32 [2]: height, width
 * @param imageSize side of the model's input, pixels
 */
export function toOriginalImage(g: GraphBuilder, masks: Value, origImSize: Value, imageSize: number): Value {
  const padded = resizeBilinear(g, masks, g.ints([imageSize, imageSize]), [imageSize, imageSize]);
  const inputSize = longestSideSize(g, origImSize, imageSize);
  const cropped = cropTo(g, padded, inputSize, ["input_height", "input_width"]);
  return resizeBilinear(g, cropped, cast(g, origImSize, "int64"), ["height", "width"]);
}

/** Size within the model's input of an image whose long side fills it, halves rounded up: int64 [2]. */
function longestSideSize(g: GraphBuilder, origImSize: Value, imageSize: number): Value {
  const scale = div(g, g.scalar(imageSize), reduceMax(g, origImSize, [0])); // 1
  return cast(g, floor(g, add(g, mul(g, scale, origImSize), g.scalar(0.5))), "int64");
}

/**
 * IoU of each mask of BxMxHxW logits thresholded a little above and a little below 0: BxM (Meta's
 * `calculate_stability_score`).
 */
export function stabilityScores(g: GraphBuilder, masks: Value): Value {
  const intersection = cast(g, maskAreas(g, masks, STABILITY_OFFSET), "float32");
  return div(g, intersection, cast(g, maskAreas(g, masks, -STABILITY_OFFSET), "float32"));
}

/** Pixels of each mask of BxMxHxW logits above a threshold: int64 BxM. */
export function maskAreas(g: GraphBuilder, masks: Value, threshold: number): Value {
  // Counted as integers: float32 loses single pixels of masks beyond 16 million.
  const inside = cast(g, greater(g, masks, g.scalar(threshold)), "int32");
  return cast(g, reduceSum(g, inside, [2, 3], false), "int64");
}
