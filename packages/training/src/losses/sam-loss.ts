/** The loss that SAM is trained with (paper, sections 3 and A: "Training"). */
import type { GraphBuilder, Value } from "@segany/graph";
import { add, div, mul, reduceMean, reduceMin, reduceSum, reshape, slice, sub } from "@segany/graph/ops";
import { actualIou, diceLoss, focalLoss } from "./mask-losses.js";

/** Focal to dice. */
const FOCAL_WEIGHT = 20;

/** What a decoder predicted: all mask tokens, the single one first. */
export interface PredictedMasks {
  /** BxMxSxS logits. */
  readonly masks: Value;
  /** BxM. */
  readonly iouPredictions: Value;
}

/** The loss and its parts. */
export interface SamLoss {
  /** A number: mean over the prompts. */
  readonly loss: Value;
  /** BxM IoU of every mask with its target. */
  readonly actualIou: Value;
}

/**
 * Of three masks for an ambiguous prompt the best one is trained (minimum of 20·focal + dice), of a single
 * mask that one; the predicted IoU of all masks that count by its squared error. Declares the inputs
 * `targets` BxSxS (1 inside, 0 outside), and `trains_single` and `trains_three` B, 1 for the prompts whose
 * single mask, or whose three masks, count.
 */
export function samLoss(g: GraphBuilder, { masks, iouPredictions }: PredictedMasks): SamLoss {
  const [batch, count, side] = masks.shape as [string, number, number];
  const targets = g.input("targets", "float32", [batch, side, side]);
  const [single, three] = ["trains_single", "trains_three"].map((name) => g.input(name, "float32", [batch]));
  const logits = reshape(g, masks, [batch, count, side * side]);
  const target = reshape(g, targets, [batch, 1, side * side]);

  const focal = mul(g, focalLoss(g, logits, target), g.scalar(FOCAL_WEIGHT));
  const maskLoss = add(g, focal, diceLoss(g, logits, target)); // BxM
  const ofSingle = reduceSum(g, slice(g, maskLoss, 1, 0, 1), [1], false); // B
  const ofThree = reduceMin(g, slice(g, maskLoss, 1, 1, count), [1], false);
  const ofMasks = add(g, mul(g, ofSingle, single!), mul(g, ofThree, three!));

  const iou = actualIou(g, logits, target);
  const error = sub(g, iouPredictions, iou);
  const square = mul(g, error, error);
  const column = (value: Value) => reshape(g, value, [batch, 1]);
  const counting = [
    mul(g, slice(g, square, 1, 0, 1), column(single!)),
    mul(g, reduceSum(g, slice(g, square, 1, 1, count), [1]), column(three!)),
  ] as const;
  const number = add(g, single!, mul(g, three!, g.scalar(count - 1)));
  const ofIou = div(g, reshape(g, add(g, ...counting), [batch]), number);
  return { loss: reduceMean(g, add(g, ofMasks, ofIou), [0], false), actualIou: iou };
}
