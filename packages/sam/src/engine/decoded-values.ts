import type { DecodedMasks } from "../model/decoded-masks.js";
import type { NamedTensors } from "../model/model-family.js";

/** Decoded masks without the number of prompts that they answer. */
export type MaskValues = Omit<DecodedMasks, "batch">;

/** What a run of the decoder gave. */
export function valuesOf(part: NamedTensors): MaskValues {
  const iouPredictions = part.iou_predictions!;
  return {
    masks: iouPredictions.shape[1]!,
    iouPredictions: iouPredictions.data as Float32Array,
    lowResLogits: part.low_res_logits!.data as Float32Array,
  };
}

/** The masks of a batch that is decoded in several runs. */
export interface JoinedMasks {
  readonly values: MaskValues;
  /** @param start the first prompt that the run answers */
  put(part: NamedTensors, start: number): void;
}

/**
 * Allocates all masks of a batch, so that no run's result is kept beside it.
 *
 * @param part a run's result, for the sizes
 * @param partBatch prompts of that run
 */
export function joinedMasks(part: NamedTensors, partBatch: number, batch: number): JoinedMasks {
  const { masks, iouPredictions, lowResLogits } = valuesOf(part);
  const scores = iouPredictions.length / partBatch;
  const logits = lowResLogits.length / partBatch;
  const values = {
    masks,
    iouPredictions: new Float32Array(batch * scores),
    lowResLogits: new Float32Array(batch * logits),
  };
  return {
    values,
    put(next, start) {
      const found = valuesOf(next);
      values.iouPredictions.set(found.iouPredictions, start * scores);
      values.lowResLogits.set(found.lowResLogits, start * logits);
    },
  };
}
