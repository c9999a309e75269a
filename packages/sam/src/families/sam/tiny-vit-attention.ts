/**
 * Multi-head self-attention of TinyViT with learned biases by distance (MobileSAM's
 * `tiny_vit_sam.Attention`).
 */
import type { GraphBuilder, Value } from "@segany/graph";
import { add, gather, matmul, mul, reshape, softmax, split, transpose } from "@segany/graph/ops";
import { attentionBiasIndices } from "./attention-bias.js";
import { layerNorm, linear } from "./layers.js";
import { TINY_VIT_EPSILON } from "./tiny-vit-stages.js";

/**
 * Attention among the side² tokens of every window: B x side x side x C to the same shape. It normalises its
 * tokens itself, padding included: a padded token takes part as the normalisation's bias, as in training.
 */
export function tinyVitAttention(g: GraphBuilder, x: Value, prefix: string, numHeads: number): Value {
  const [batch, side, , channels] = x.shape as [number, number, number, number];
  const [tokens, width] = [side * side, channels / numHeads];
  const normed = layerNorm(g, reshape(g, x, [batch, tokens, channels]), `${prefix}.norm`, TINY_VIT_EPSILON);
  const fused = reshape(g, linear(g, normed, `${prefix}.qkv`), [batch, tokens, numHeads, 3 * width]);
  const [q, k, v] = split(g, transpose(g, fused, [0, 2, 1, 3]), [width, width, width], -1) as [
    Value,
    Value,
    Value,
  ]; // Bxheadsxtokensxwidth
  const scores = mul(g, matmul(g, q, transpose(g, k, [0, 1, 3, 2])), g.scalar(width ** -0.5));
  const biases = gather(g, g.weight(`${prefix}.attention_biases`), biasIndices(g, side), 1); // headsxNxN
  const mixed = matmul(g, softmax(g, add(g, scores, biases)), v); // Bxheadsxtokensxwidth
  const joined = reshape(g, transpose(g, mixed, [0, 2, 1, 3]), [batch, side, side, channels]);
  return linear(g, joined, `${prefix}.proj`);
}

function biasIndices(g: GraphBuilder, window: number): Value {
  const tokens = window * window;
  return g.constant(BigInt64Array.from(attentionBiasIndices(window), BigInt), [tokens, tokens]);
}
