import type { Mask } from "@segany/masks";
import type { Grounding } from "./text/grounding.js";

/** The decoder's result for one prompt. */
export interface Prediction<M = Mask> {
  /** In the decoder's order, at the original image's size. */
  readonly masks: M[];
  /** The model's own estimate of each mask's IoU. */
  readonly iouPredictions: number[];
  /**
   * One map of logits per mask, square with the model's `maskSide`: pass one back as `maskInput` to refine.
   */
  readonly lowResLogits: Float32Array[];
  /** For a prompt with text: what found the objects, and one for each mask in the same order. */
  readonly grounding?: Grounding;
}
