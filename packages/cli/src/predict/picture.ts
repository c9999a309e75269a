import type { Mask, RgbaImage } from "@segany/masks";
import {
  drawBoxes,
  drawMaskSheet,
  drawMasks,
  drawPoints,
  encodePng,
  type ImagePrompt,
  type Prediction,
} from "@segany/sam";

/**
 * The picture of a prediction, as PNG: for one prompt each of its masks beside the others with its score, for many
 * prompts the best mask of each in a colour of its own.
 */
export async function predictionPicture(
  image: RgbaImage,
  prompts: readonly ImagePrompt[],
  predictions: readonly Prediction<Mask>[],
): Promise<Uint8Array> {
  const [first] = predictions;
  if (first && predictions.length === 1) {
    const { pointCoords = [], pointLabels = [], box } = prompts[0]!;
    const masks = first.masks.map((mask, i) => ({ mask, score: first.iouPredictions[i]! }));
    return encodePng(drawMaskSheet(image, masks, { pointCoords, pointLabels, boxesXyxy: box ? [box] : [] }));
  }
  let picture = drawMasks(image, predictions.map(bestMask));
  for (const { pointCoords = [], pointLabels = [], box } of prompts) {
    if (box) picture = drawBoxes(picture, [box]);
    if (pointCoords.length > 0) picture = drawPoints(picture, pointCoords, pointLabels);
  }
  return encodePng(picture);
}

function bestMask({ masks, iouPredictions }: Prediction<Mask>): Mask {
  return masks[iouPredictions.indexOf(Math.max(...iouPredictions))]!;
}
