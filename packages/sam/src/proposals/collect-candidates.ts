import {
  type ExclusiveBoxXyxy,
  exclusiveBox,
  type ImagePoint,
  imagePoint,
  isBoxNearCropEdge,
  type Point,
} from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import type { ModelIo } from "../model/model-io.js";
import { createMaskUpscaler } from "../postprocessing/mask-upscaling.js";
import { type Candidate, createCandidate, MASK_THRESHOLD, type UpscalingTools } from "./candidate.js";
import type { CropTask } from "./types.js";

/**
 * Converts decoded masks of one crop to candidates: those with a score above the floor that do not touch an
 * inner edge of the crop.
 */
export interface CandidateCollector {
  /** Side of the square low-res maps. */
  readonly lowResSize: number;
  /** Collects the decoded masks of a batch of points; `points` are in the unit square of the crop. */
  collect(points: readonly Point[], decoded: DecodedMasks): Candidate[];
  /** Collects one mask, a complete low-res map. */
  collectOne(point: Point, predictedIou: number, logits: Float32Array): Candidate | undefined;
  /** Whether the predicted IoU is above the floor (strictly, like in Meta's code). */
  isRated(predictedIou: number): boolean;
}

/** Prepares collecting the candidates of one crop. */
export function createCandidateCollector(
  task: CropTask,
  embedding: ImageEmbedding,
  { imageSide, maskSide: lowResSize }: Pick<ModelIo, "imageSide" | "maskSide">,
): CandidateCollector {
  const { crop, imageSize, floor } = task;
  const tools: UpscalingTools = {
    upscaler: createMaskUpscaler({
      lowResSize,
      modelSize: imageSide,
      inputSize: embedding.inputSize,
      originalSize: embedding.imageSize,
    }),
    scratch: new Float32Array(lowResSize ** 2),
  };
  const imageBox = exclusiveBox([0, 0, imageSize.width, imageSize.height]);

  function isRated(predictedIou: number): boolean {
    return floor.predIouThresh <= 0 || predictedIou > floor.predIouThresh;
  }

  function collectOne(point: Point, predictedIou: number, logits: Float32Array): Candidate | undefined {
    if (!isRated(predictedIou)) return undefined;
    const boxInCropXyxy = tools.upscaler.box(logits, MASK_THRESHOLD);
    if (isBoxNearCropEdge(boxInCropXyxy, crop.boxXyxy, imageBox)) return undefined;
    const proposal = { logits, predictedIou, point: pointInImage(point, crop.boxXyxy), boxInCropXyxy };
    return createCandidate(proposal, task, tools);
  }

  return {
    lowResSize,
    isRated,
    collectOne,
    collect(points, { masks, iouPredictions, lowResLogits }) {
      const area = lowResSize ** 2;
      return Array.from(iouPredictions, (predictedIou, i) =>
        collectOne(
          points[Math.floor(i / masks)]!,
          predictedIou,
          lowResLogits.subarray(i * area, (i + 1) * area),
        ),
      ).filter((candidate) => candidate !== undefined);
    },
  };
}

function pointInImage([x, y]: Point, [x0, y0, x1, y1]: ExclusiveBoxXyxy): ImagePoint {
  return imagePoint([x * (x1 - x0) + x0, y * (y1 - y0) + y0]);
}
