import { nonMaximumSuppression } from "@segany/masks";
import {
  buildPointGrid,
  createMaskUpscaler,
  type ImageEmbedding,
  type MaskUpscaler,
  type ModelIo,
  packPrompts,
  type SamPredictor,
} from "@segany/sam";
import { suppressNonMaxima } from "./edge-nms.js";
import { createFloatMap, type FloatMap, normaliseMap } from "./float-map.js";

/** Points along each side, so that three masks each make 768 (paper, appendix D.3). */
const POINTS_PER_SIDE = 16;
const POINTS_PER_BATCH = 64;
/** Of two masks whose boxes overlap by more, the one with the lower predicted IoU goes. */
const BOX_NMS_THRESHOLD = 0.7;
const STABILITY_OFFSET = 1;

/**
 * Edges of an image out of masks (paper, section 7.2 and appendix D.3): 16x16 points give 768 masks,
 * duplicates go, and each mask leaves the Sobel strength of its unthresholded probabilities on its outer
 * boundary. The largest of all masks at each pixel, scaled to [0, 1] and thinned, is the edge map.
 */
export async function maskEdges(
  predictor: SamPredictor,
  model: Pick<ModelIo, "imageSide" | "maskSide">,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FloatMap> {
  const embedding = predictor.getImageEmbedding();
  const { imageSize, inputSize } = embedding;
  const upscaler = createMaskUpscaler({
    lowResSize: model.maskSide,
    modelSize: model.imageSide,
    inputSize,
    originalSize: imageSize,
  });
  const masks = await decodeGrid(predictor, embedding, upscaler, signal);
  const edges = createFloatMap(imageSize.width, imageSize.height);
  const logits = new Float32Array(edges.data.length);
  for (const lowRes of masks) addMaskEdges(edges, upscaler.upscale(lowRes, logits));
  return normaliseMap(suppressNonMaxima(normaliseMap(edges)));
}

/** The low-res logits of all masks of the grid, without empty ones and duplicates. */
async function decodeGrid(
  predictor: SamPredictor,
  { inputSize }: ImageEmbedding,
  upscaler: MaskUpscaler,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const grid = buildPointGrid(POINTS_PER_SIDE);
  const logits: Float32Array[] = [];
  const scores: number[] = [];
  for (let start = 0; start < grid.length; start += POINTS_PER_BATCH) {
    const prompts = grid.slice(start, start + POINTS_PER_BATCH).map(([x, y]) => ({
      pointCoords: [[x * inputSize.width, y * inputSize.height] as const],
      pointLabels: [1],
    }));
    const decoded = await predictor.predictModelFrame(
      packPrompts(prompts),
      "three",
      signal ? { signal } : {},
    );
    const area = decoded.lowResLogits.length / (decoded.batch * decoded.masks);
    for (let i = 0; i < decoded.batch * decoded.masks; i++) {
      logits.push(decoded.lowResLogits.subarray(i * area, (i + 1) * area));
      scores.push(decoded.iouPredictions[i]!);
    }
  }
  const statistics = logits.map((lowRes) => upscaler.statistics(lowRes, 0, STABILITY_OFFSET));
  const present = [...logits.keys()].filter((i) => statistics[i]!.areaPx > 0);
  const kept = nonMaximumSuppression(
    present.map((i) => statistics[i]!.boxXyxy),
    present.map((i) => scores[i]!),
    BOX_NMS_THRESHOLD,
  );
  return kept.map((place) => logits[present[place]!]!);
}

/**
 * Raises the map on the pixels just outside a mask (each touches it, corners included) to the Sobel strength
 * of the mask's probabilities there.
 *
 * @param logits of one mask, the map's size; the mask is where they are above 0
 */
export function addMaskEdges(edges: FloatMap, logits: Float32Array): void {
  const { width, height, data } = edges;
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width;
    const here = y * width;
    const below = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      if (logits[here + x]! > 0) continue;
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      const isOutside =
        logits[above + x]! <= 0 &&
        logits[here + left]! <= 0 &&
        logits[here + right]! <= 0 &&
        logits[below + x]! <= 0 &&
        logits[above + left]! <= 0 &&
        logits[above + right]! <= 0 &&
        logits[below + left]! <= 0 &&
        logits[below + right]! <= 0;
      if (isOutside) continue;
      const ring = [
        above + left,
        above + x,
        above + right,
        here + left,
        here + right,
        below + left,
        below + x,
        below + right,
      ];
      data[here + x] = Math.max(data[here + x]!, sobelOfRing(ring.map((i) => logits[i]!)));
    }
  }
}

/** The Sobel strength of probabilities at the middle of eight neighbours, given row by row as logits. */
function sobelOfRing(ring: readonly number[]): number {
  const p = ring.map((logit) => 1 / (1 + Math.exp(-logit)));
  const alongX = p[2]! + 2 * p[4]! + p[7]! - (p[0]! + 2 * p[3]! + p[5]!);
  const alongY = p[5]! + 2 * p[6]! + p[7]! - (p[0]! + 2 * p[1]! + p[2]!);
  return Math.hypot(alongX, alongY);
}
