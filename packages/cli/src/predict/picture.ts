import { decodeRle, type RgbaImage, type Rle, rleArea } from "@segany/masks";
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
 * Draws a prediction as PNG: for one prompt, its masks side by side with their scores; for many prompts, the
 * best mask of each in its own colour, or all masks where words have found them.
 */
export async function predictionPicture(
  image: RgbaImage,
  prompts: readonly ImagePrompt[],
  predictions: readonly Prediction<Rle>[],
): Promise<Uint8Array> {
  const [first] = predictions;
  if (first && predictions.length === 1 && !first.grounding) {
    const { pointCoords = [], pointLabels = [], box } = prompts[0]!;
    const masks = first.masks.map((mask, i) => ({ mask: decodeRle(mask), score: first.iouPredictions[i]! }));
    return encodePng(drawMaskSheet(image, masks, { pointCoords, pointLabels, boxesXyxy: box ? [box] : [] }));
  }
  const best = predictions.flatMap((each) => (each.grounding ? each.masks : [bestMask(each)]));
  const masks = best.map((mask) => ({ areaPx: rleArea(mask), decode: () => decodeRle(mask) }));
  const found = predictions.flatMap(({ grounding }) => grounding?.objects ?? []);
  const boxes = [...prompts.flatMap(({ box }) => (box ? [box] : [])), ...found.map(({ boxXyxy }) => boxXyxy)];
  const points = prompts.flatMap(({ pointCoords = [] }) => pointCoords);
  const labels = prompts.flatMap(({ pointLabels = [] }) => pointLabels);
  return encodePng(drawPoints(drawBoxes(drawMasks(image, masks), boxes), points, labels));
}

function bestMask({ masks, iouPredictions }: Prediction<Rle>): Rle {
  return masks[iouPredictions.indexOf(Math.max(...iouPredictions))]!;
}
