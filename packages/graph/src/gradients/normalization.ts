/** Gradients of layer normalisation, and of batch normalisation in evaluation mode. */
import { add, div, mul, sqrt, sub } from "../ops/elementwise.js";
import { layerNormalizationWithMoments, matmul, reduceSum } from "../ops/linear.js";
import { reshape } from "../ops/shaping.js";
import { known } from "../shape.js";
import type { Value } from "../types.js";
import { floatAttribute, type GradientRule, requireAttributes } from "./rule.js";

/**
 * With x̂ the normalised input, d = dy·scale and C channels: dx = (d - Σd/C - x̂·Σ(d·x̂)/C) / deviation (Ba
 * et al., arXiv 1607.06450, differentiated). Normalising again is one pass, and keeps x̂ out of memory till
 * then.
 */
export const layerNormalizationRule: GradientRule = (g, { node, inputs, gradients, needs }) => {
  const [x, scale] = inputs as [Value, Value];
  requireAttributes(node, { axis: [-1, x.shape.length - 1] });
  const gradient = gradients[0]!;
  const channels = known(x.shape.at(-1), "The gradient of LayerNormalization");
  const ones = g.sharedConstant(`ones ${channels}`, () => vector(channels, 1));
  const zeros = g.sharedConstant(`zeros ${channels}`, () => vector(channels, 0));
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const { normal, inverseDeviation } = layerNormalizationWithMoments(g, x, ones, zeros, epsilon);
  const product = mul(g, gradient, normal);
  const leading = x.shape.slice(0, -1).map((_, i) => i);

  const byInput = () => {
    const weights = div(g, reshape(g, scale, [channels, 1]), g.scalar(channels));
    const mean = matmul(g, gradient, weights);
    const slope = mul(g, normal, matmul(g, product, weights));
    return mul(g, sub(g, sub(g, mul(g, gradient, scale), mean), slope), inverseDeviation);
  };
  return [
    needs[0] ? byInput() : undefined,
    needs[1] ? reduceSum(g, product, leading, false) : undefined,
    needs[2] ? reduceSum(g, gradient, leading, false) : undefined,
  ];
};

function vector(length: number, value: number) {
  return { data: new Float32Array(length).fill(value), shape: [length] };
}

/** Mean and variance are constants: they have no gradient. */
export const batchNormalizationRule: GradientRule = (g, { node, inputs, gradients, needs }) => {
  requireAttributes(node, { training_mode: [0] });
  const [x, scale, , mean, variance] = inputs as [Value, Value, Value, Value, Value];
  const gradient = gradients[0]!;
  const deviation = sqrt(g, add(g, variance, g.scalar(floatAttribute(node, "epsilon", 1e-5))));
  const perChannel = (value: Value) => reshape(g, value, [value.shape[0]!, ...x.shape.slice(2).map(() => 1)]);
  const others = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const normal = () => div(g, sub(g, x, perChannel(mean)), perChannel(deviation));
  return [
    needs[0] ? mul(g, gradient, perChannel(div(g, scale, deviation))) : undefined,
    needs[1] ? reduceSum(g, mul(g, gradient, normal()), others, false) : undefined,
    needs[2] ? reduceSum(g, gradient, others, false) : undefined,
  ];
};
