import type { GraphBuilder } from "@segany/graph";
import { add, mul, reduceMean, reshape, softplus, sub } from "@segany/graph/ops";
import type { NodeSessionOptions } from "@segany/runtime/node";
import { type PromptInput, packPrompts } from "@segany/sam";
import type { TrainableModel } from "@segany/sam/training";
import { actualIou, diceLoss } from "../losses/mask-losses.js";
import type { PredictedMasks } from "../losses/sam-loss.js";
import type { FeatureMaps } from "../model/encoder-objective.js";
import { type Losses, type ObjectiveResult, openObjective } from "../step/objective.js";

/** A teacher's decoder on any feature maps, compared with given masks. */
export interface PromptDecoder {
  /**
   * The loss, its gradients by the feature maps, and the outputs `low_res_logits` BxMxSxS, `iou_predictions`
   * BxM, and `actual_iou` BxM with the given masks.
   *
   * @param givenMasks BxMxSxS, 1 inside and 0 outside; none at all if missing
   */
  run(
    features: FeatureMaps,
    prompts: readonly PromptInput[],
    givenMasks?: Float32Array,
  ): Promise<ObjectiveResult>;
  close(): Promise<void>;
}

/**
 * Opens it with weights that stay as they are. Its loss is cross entropy and dice loss of the masks of all
 * mask tokens (EdgeSAM, arXiv 2312.06660, section 3.3).
 */
export async function openPromptDecoder(
  { model, network, state }: TrainableModel,
  options: { readonly withGradients: boolean; readonly session: NodeSessionOptions },
): Promise<PromptDecoder> {
  const features = new Map(Object.entries(model.features).map(([name, shape]) => [name, { shape }]));
  let maskTokens = 0;
  const objective = await openObjective({
    ...options,
    weights: new Map([...state.tensors, ...features]),
    load: (key) => state.load(key),
    isTrained: (key) => features.has(key),
    build(g) {
      const maps = Object.fromEntries([...features.keys()].map((name) => [name, g.weight(name)]));
      const prompts = { maskInput: false, ragged: true, extraTokens: false };
      const predicted = network.decode(g, maps, prompts);
      maskTokens = Number(predicted.masks.shape[1]);
      return maskLosses(g, predicted);
    },
  });
  return {
    run(maps, prompts, givenMasks) {
      const { batch, tokens, pointCoords, pointLabels } = packPrompts(prompts);
      const shape = [batch, maskTokens, model.maskSide, model.maskSide];
      const nothing = () => new Float32Array(batch * maskTokens * model.maskSide ** 2);
      return objective.run(new Map(), {
        ...maps,
        point_coords: { dtype: "float32", shape: [batch, tokens, 2], data: pointCoords },
        point_labels: { dtype: "float32", shape: [batch, tokens], data: pointLabels },
        given_masks: { dtype: "float32", shape, data: givenMasks ?? nothing() },
      });
    },
    close: () => objective.close(),
  };
}

function maskLosses(g: GraphBuilder, { masks, iouPredictions }: PredictedMasks): Losses {
  const [batch, count, side] = masks.shape as [string, number, number];
  const given = g.input("given_masks", "float32", [batch, count, side, side]);
  const logits = reshape(g, masks, [batch, count, side * side]);
  const target = reshape(g, given, [batch, count, side * side]);
  const entropy = sub(g, softplus(g, logits), mul(g, logits, target));
  const ofMask = add(g, reduceMean(g, entropy, [2], false), diceLoss(g, logits, target)); // BxM
  return {
    loss: reduceMean(g, ofMask, [0, 1], false),
    outputs: {
      low_res_logits: masks,
      iou_predictions: iouPredictions,
      actual_iou: actualIou(g, logits, target),
    },
  };
}
