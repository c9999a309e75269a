import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { CropProgress, CropTask, DecodedMasks } from "../engine/types.js";
import { throwIfAborted } from "../errors.js";
import { isBoxNearCropEdge } from "../masks/boxes.js";
import type { BoxXyxy, Point } from "../masks/types.js";
import { type PackedPrompts, packPrompts } from "../model/prompt-batch.js";
import { createMaskUpscaler } from "../transforms/mask-upscaling.js";
import { type Candidate, createCandidate, MASK_THRESHOLD, type UpscalingTools } from "./candidate.js";

/** What proposing needs of the model. */
export interface ProposeDependencies {
  readonly modelSize: number;
  /** Most prompts that the decoder takes at once; what is decoded together is held in memory together. */
  readonly maxBatch: number;
  readonly decode: (embedding: ImageEmbedding, prompts: PackedPrompts) => Promise<DecodedMasks>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CropProgress) => void) | undefined;
}

/**
 * Prompts the model with every point of a grid on one crop and keeps what is rated above the floor and does not touch
 * an inner edge of the crop (`_process_crop` and `_process_batch`, before stability and non-maximum suppression).
 */
export async function proposeCrop(
  task: CropTask,
  embedding: ImageEmbedding,
  dependencies: ProposeDependencies,
): Promise<{ candidates: Candidate[]; decodeMs: number; postMs: number }> {
  const { pointGrid } = task;
  const { signal, onProgress, decode } = dependencies;
  const batch = Math.min(task.pointsPerBatch, dependencies.maxBatch);
  const candidates: Candidate[] = [];
  let tools: UpscalingTools | undefined;
  let decodeMs = 0;
  let postMs = 0;
  for (let start = 0; start < pointGrid.length; start += batch) {
    throwIfAborted(signal);
    const points = pointGrid.slice(start, start + batch);
    const t0 = performance.now();
    const decoded = await decode(embedding, packGrid(points, embedding));
    const t1 = performance.now();
    tools ??= upscalingTools(decoded, embedding, dependencies.modelSize);
    candidates.push(...collect(task, points, decoded, tools));
    decodeMs += t1 - t0;
    postMs += performance.now() - t1;
    onProgress?.({
      pointsDone: start + points.length,
      pointsTotal: pointGrid.length,
      candidates: candidates.length,
    });
    await nextTurn(); // lets a cancel come in
  }
  return { candidates, decodeMs, postMs };
}

function upscalingTools(
  decoded: DecodedMasks,
  { inputSize, imageSize }: ImageEmbedding,
  modelSize: number,
): UpscalingTools {
  const lowResSize = Math.sqrt(decoded.lowResLogits.length / decoded.iouPredictions.length);
  return {
    upscaler: createMaskUpscaler({ lowResSize, modelSize, inputSize, originalSize: imageSize }),
    scratch: new Float32Array(lowResSize ** 2),
  };
}

function packGrid(points: readonly Point[], { inputSize }: ImageEmbedding): PackedPrompts {
  return packPrompts(
    points.map(([x, y]) => ({
      pointCoords: [[x * inputSize.width, y * inputSize.height]],
      pointLabels: [1],
    })),
  );
}

/** Filters one batch by predicted IoU (strictly above, as in Meta's code) and the crop's edge. */
function collect(
  task: CropTask,
  points: readonly Point[],
  decoded: DecodedMasks,
  tools: UpscalingTools,
): Candidate[] {
  const { crop, imageSize, floor } = task;
  const candidates: Candidate[] = [];
  const area = decoded.lowResLogits.length / decoded.iouPredictions.length;
  for (let i = 0; i < decoded.iouPredictions.length; i++) {
    const predictedIou = decoded.iouPredictions[i]!;
    if (floor.predIouThresh > 0 && !(predictedIou > floor.predIouThresh)) continue;
    const logits = decoded.lowResLogits.subarray(i * area, (i + 1) * area);
    const boxInCropXyxy = tools.upscaler.box(logits, MASK_THRESHOLD);
    if (isBoxNearCropEdge(boxInCropXyxy, crop.boxXyxy, imageBox(imageSize))) continue;
    const point = pointInImage(points[Math.floor(i / decoded.masks)]!, crop.boxXyxy);
    candidates.push(createCandidate({ logits, predictedIou, point, boxInCropXyxy }, task, tools));
  }
  return candidates;
}

function imageBox({ width, height }: CropTask["imageSize"]): BoxXyxy {
  return [0, 0, width, height];
}

function pointInImage([x, y]: Point, [x0, y0, x1, y1]: BoxXyxy): Point {
  return [x * (x1 - x0) + x0, y * (y1 - y0) + y0];
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
