import type { GraphBuilder, Value } from "@segany/graph";
import {
  add,
  div,
  exp,
  log,
  matmul,
  mul,
  neg,
  reduceMean,
  reduceSum,
  softmax,
  sqrt,
  transpose,
} from "@segany/graph/ops";
import { type ClipSizes, clipImageFeatures, clipTextFeatures, clipTowers } from "@segany/sam/training";
import type { Losses } from "../step/objective.js";

/** CLIP's loss of a batch: row i of the cosines should be largest in column i, and column i in row i. */
export function buildContrastive(g: GraphBuilder, sizes: ClipSizes): Losses {
  const { image, text } = clipTowers(sizes);
  const images = unit(g, clipImageFeatures(g, image, "gelu"));
  const texts = unit(g, clipTextFeatures(g, text, "gelu"));
  const scale = exp(g, g.weight("logit_scale"));
  const logits = mul(g, matmul(g, images, transpose(g, texts, [1, 0])), scale); // BxB
  const own = g.input("own", "float32", ["B", "B"]); // the identity
  const entropy = (scores: Value) => {
    const right = reduceSum(g, mul(g, own, log(g, softmax(g, scores))), [1], false);
    return neg(g, reduceMean(g, right, [0], false));
  };
  const both = add(g, entropy(logits), entropy(transpose(g, logits, [1, 0])));
  return { loss: mul(g, both, g.scalar(0.5)) };
}

function unit(g: GraphBuilder, x: Value): Value {
  return div(g, x, sqrt(g, reduceSum(g, mul(g, x, x), [1], true)));
}
