import { rleToRuns } from "@segany/masks";
import { type ImageEmbedding, type ImagePrompt, type PredictorModel, SamPredictor } from "@segany/sam";
import type { Alternative } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import type { PredictOptions } from "./types.js";

/** Answers prompts on one image in this page. */
export type PageDecoder = (prompt: ImagePrompt, options: PredictOptions) => Promise<readonly Alternative[]>;

/** @param sam the model that made the embedding */
export function createPageDecoder(sam: PredictorModel, embedding: ImageEmbedding): PageDecoder {
  const predictor = new SamPredictor(sam);
  predictor.setImageEmbedding(embedding);
  return async (prompt, { multimask, signal }) => {
    const { masks, iouPredictions, lowResLogits } = await predictor.predict({
      ...prompt,
      multimaskOutput: multimask,
      outputMode: "coco_rle",
      ...(signal && { signal }),
    });
    return masks.map((segmentation, i) => ({
      ...measureShape(rleToRuns(segmentation)),
      predictedIou: iouPredictions[i]!,
      lowResLogits: lowResLogits[i]!,
    }));
  };
}
