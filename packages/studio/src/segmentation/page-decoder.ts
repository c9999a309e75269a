import { compressRle, rleArea, rleToBoxXywh } from "@segany/masks";
import {
  createMaskUpscaler,
  type Engine,
  type ImageEmbedding,
  type ImagePrompt,
  packPrompts,
  ResizeLongestSide,
} from "@segany/sam";
import type { Candidate } from "../state/document.js";
import type { PredictOptions } from "./types.js";

/** Logits above are inside. */
const MASK_THRESHOLD = 0;

/** Answers prompts on one image in this page. Masks become run lengths without ever being laid out in full. */
export type PageDecoder = (prompt: ImagePrompt, options: PredictOptions) => Promise<readonly Candidate[]>;

/** @param engine of the model that made the embedding */
export function createPageDecoder(engine: Engine, embedding: ImageEmbedding): PageDecoder {
  const { imageSize, inputSize } = embedding;
  const modelSize = engine.model.architecture.encoder.imageSize;
  const upscaler = createMaskUpscaler({ modelSize, inputSize, originalSize: imageSize });
  const toModel = new ResizeLongestSide(modelSize);
  return async ({ pointCoords = [], pointLabels = [], box, maskInput }, { multimask, signal }) => {
    const packed = packPrompts([
      {
        pointCoords: toModel.applyCoords(pointCoords, imageSize),
        pointLabels,
        ...(box && { boxXyxy: toModel.applyBoxes([box], imageSize)[0]! }),
        ...(maskInput && { maskInput }),
      },
    ]);
    const decoded = await engine.decode(
      { embedding, prompts: packed, masks: multimask ? "three" : "single" },
      { signal },
    );
    const area = decoded.lowResLogits.length / decoded.masks;
    return Array.from({ length: decoded.masks }, (_, i) => {
      const lowResLogits = decoded.lowResLogits.slice(i * area, (i + 1) * area);
      const segmentation = compressRle(upscaler.toRle(lowResLogits, MASK_THRESHOLD));
      return {
        segmentation,
        areaPx: rleArea(segmentation),
        boxXywh: rleToBoxXywh(segmentation),
        predictedIou: decoded.iouPredictions[i]!,
        lowResLogits,
      };
    });
  };
}
