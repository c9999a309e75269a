import type { TrainableModel } from "@segany/sam/training";
import { samLoss } from "../losses/sam-loss.js";
import { type Objective, type ObjectiveOptions, openObjective } from "../step/objective.js";
import { withProjectedText } from "./text-projection.js";

/** How the objective is opened. */
export interface DecoderObjectiveOptions
  extends Pick<ObjectiveOptions, "weights" | "load" | "isTrained" | "adapt" | "withGradients" | "session"> {
  /** Gives gradients by the feature maps too, by their names, for an encoder that is trained. */
  readonly featureGradients?: boolean;
  /**
   * Values of CLIP's features, for an objective with one prompt token more: that of the input
   * `clip_features`, BxD.
   */
  readonly clipWidth?: number;
}

/**
 * The loss of prompt encoder and mask decoder on given feature maps, and its gradients. Its inputs are the
 * feature maps of `model.features`, the prompts of a decoder with masks and padding, and those of `samLoss`.
 * Its outputs are `low_res_logits` BxMxSxS and `iou_predictions` BxM of all mask tokens, and their
 * `actual_iou`.
 */
export function openDecoderObjective(
  { model, network }: TrainableModel,
  { featureGradients = false, clipWidth, isTrained, weights, ...options }: DecoderObjectiveOptions,
): Promise<Objective> {
  const shapes = Object.entries(model.features);
  return openObjective({
    ...options,
    weights: new Map([...weights, ...shapes.map(([name, shape]) => [name, { shape }] as const)]),
    isTrained: (key) => isTrained(key) || Object.hasOwn(model.features, key),
    build(g) {
      const feature = (name: string, shape: readonly number[]) =>
        featureGradients ? g.weight(name) : g.input(name, "float32", shape);
      const features = Object.fromEntries(shapes.map(([name, shape]) => [name, feature(name, shape)]));
      const prompts = { maskInput: true, ragged: true, extraTokens: clipWidth !== undefined };
      const builder = clipWidth === undefined ? g : withProjectedText(g, clipWidth);
      const predicted = network.decode(builder, features, prompts);
      const { loss, actualIou } = samLoss(g, predicted);
      const { masks, iouPredictions } = predicted;
      return {
        loss,
        outputs: { low_res_logits: masks, iou_predictions: iouPredictions, actual_iou: actualIou },
      };
    },
  });
}
