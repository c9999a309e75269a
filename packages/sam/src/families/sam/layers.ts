/**
 * Layers that several boxes of the network are made of, in plain form: weights stay as the checkpoint has
 * them.
 */
import type { GraphBuilder, Value } from "@segany/graph";
import {
  add,
  layerNormalization,
  layerNormalizationWithMoments,
  matmul,
  relu,
  transpose,
} from "@segany/graph/ops";

/**
 * x · weightᵀ + bias over the last axis, with `<prefix>.weight` [out, in] and, where the checkpoint has it,
 * `<prefix>.bias`.
 */
export function linear(g: GraphBuilder, x: Value, prefix: string): Value {
  const product = matmul(g, x, transpose(g, g.weight(`${prefix}.weight`), [1, 0]));
  return g.hasWeight(`${prefix}.bias`) ? add(g, product, g.weight(`${prefix}.bias`)) : product;
}

/** Layer normalisation over the last axis; PyTorch's default epsilon is 1e-5, the ViT encoder has 1e-6. */
export function layerNorm(g: GraphBuilder, x: Value, prefix: string, epsilon = 1e-5): Value {
  return layerNormalization(g, x, g.weight(`${prefix}.weight`), g.weight(`${prefix}.bias`), epsilon);
}

/** The same with the mean and the inverse deviation of each row. */
export function layerNormWithMoments(g: GraphBuilder, x: Value, prefix: string, epsilon = 1e-5) {
  const [scale, bias] = [g.weight(`${prefix}.weight`), g.weight(`${prefix}.bias`)];
  return layerNormalizationWithMoments(g, x, scale, bias, epsilon);
}

/** Layer normalisation over the channels of BxCxHxW, at every place for itself (Meta's `LayerNorm2d`). */
export function layerNorm2d(g: GraphBuilder, x: Value, prefix: string, epsilon = 1e-6): Value {
  const rows = layerNorm(g, transpose(g, x, [0, 2, 3, 1]), prefix, epsilon); // BxHxWxC
  return transpose(g, rows, [0, 3, 1, 2]);
}

/** Linear layers `<prefix>.layers.<i>` with ReLU between them (the `MLP` of Meta's mask decoder). */
export function mlp(g: GraphBuilder, x: Value, prefix: string, layers: number): Value {
  for (let i = 0; i < layers; i++) {
    x = linear(g, i === 0 ? x : relu(g, x), `${prefix}.layers.${i}`);
  }
  return x;
}
