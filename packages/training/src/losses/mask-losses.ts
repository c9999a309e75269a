/** Losses of predicted masks (paper, section 3 and appendix A). Logits and targets are B x M x cells. */
import type { GraphBuilder, Value } from "@segany/graph";
import {
  add,
  cast,
  div,
  greater,
  mul,
  reduceMean,
  reduceSum,
  sigmoid,
  softplus,
  sub,
} from "@segany/graph/ops";

/** Weight of cells inside the target (Lin et al., arXiv 1708.02002). */
const FOCAL_ALPHA = 0.25;

/**
 * Focal loss with focus 2: cross entropy of each cell times the square of what the probability misses, mean
 * over the cells; BxM.
 */
export function focalLoss(g: GraphBuilder, logits: Value, target: Value): Value {
  const entropy = sub(g, softplus(g, logits), mul(g, logits, target));
  const missed = missedProbability(g, sigmoid(g, logits), target);
  // alpha inside, 1 - alpha outside
  const weight = add(g, mul(g, target, g.scalar(2 * FOCAL_ALPHA - 1)), g.scalar(1 - FOCAL_ALPHA));
  return reduceMean(g, mul(g, weight, mul(g, entropy, mul(g, missed, missed))), [2], false);
}

/** One minus the probability of what is true: p + t - 2·p·t. */
function missedProbability(g: GraphBuilder, probability: Value, target: Value): Value {
  const sign = sub(g, g.scalar(1), mul(g, target, g.scalar(2)));
  return add(g, mul(g, probability, sign), target);
}

/** Dice loss (Milletari et al., arXiv 1606.04797) with one added above and below; BxM. */
export function diceLoss(g: GraphBuilder, logits: Value, target: Value): Value {
  const probability = sigmoid(g, logits);
  const total = (value: Value) => reduceSum(g, value, [2], false);
  const both = add(g, mul(g, total(mul(g, probability, target)), g.scalar(2)), g.scalar(1));
  const sum = add(g, add(g, total(probability), total(target)), g.scalar(1));
  return sub(g, g.scalar(1), div(g, both, sum));
}

/** IoU of the masks above 0 with the target, BxM; 1 for two empty ones. It has no gradient. */
export function actualIou(g: GraphBuilder, logits: Value, target: Value): Value {
  const inside = cast(g, greater(g, logits, g.scalar(0)), "float32");
  const total = (value: Value) => reduceSum(g, value, [2], false);
  const both = total(mul(g, inside, target));
  const either = sub(g, add(g, total(inside), total(target)), both);
  const tiny = g.scalar(1e-6);
  return div(g, add(g, both, tiny), add(g, either, tiny));
}
