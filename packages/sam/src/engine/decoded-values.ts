import type { DecodedMasks } from "../model/decoded-masks.js";
import type { NamedTensors } from "../model/model-family.js";
import { checkFinite } from "./check-finite.js";

/** Decoded masks without the number of prompts. */
export type MaskValues = Omit<DecodedMasks, "batch">;

/** Stride of the check of logits: the last products spread NaN over whole masks. */
const LOGITS_STRIDE = 7;

/**
 * The outputs of a decoder run.
 *
 * @param source file of the weights, for messages
 * @throws SamError `inference-failed` for values that are not finite
 */
export function valuesOf(part: NamedTensors, source: string): MaskValues {
  const iouPredictions = part.iou_predictions!.data as Float32Array;
  const lowResLogits = part.low_res_logits!.data as Float32Array;
  checkFinite(iouPredictions, "a mask's predicted IoU", source);
  checkFinite(lowResLogits, "a mask's logits", source, LOGITS_STRIDE);
  return { masks: part.iou_predictions!.shape[1]!, iouPredictions, lowResLogits };
}

/** The masks of a batch that is decoded in several runs. */
export interface JoinedMasks {
  readonly values: MaskValues;
  /** @param start index of the run's first prompt */
  put(part: MaskValues, start: number): void;
}

/**
 * Allocates the masks of a whole batch, so that results of single runs are not kept.
 *
 * @param part a run's result, for the sizes
 * @param partBatch number of prompts of that run
 */
export function joinedMasks(part: MaskValues, partBatch: number, batch: number): JoinedMasks {
  const { masks, iouPredictions, lowResLogits } = part;
  const scores = iouPredictions.length / partBatch;
  const logits = lowResLogits.length / partBatch;
  const values = {
    masks,
    iouPredictions: new Float32Array(batch * scores),
    lowResLogits: new Float32Array(batch * logits),
  };
  return {
    values,
    put(found, start) {
      values.iouPredictions.set(found.iouPredictions, start * scores);
      values.lowResLogits.set(found.lowResLogits, start * logits);
    },
  };
}
