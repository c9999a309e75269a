/**
 * Convolutions with their batch normalisation folded in: at inference the running statistics are constants.
 */

import type { GraphBuilder, Precision, Value, WeightLoader } from "@segany/graph";
import { type ConvOptions, conv2d } from "@segany/graph/ops";
import { SamError } from "@segany/masks";
import { TINY_VIT_EPSILON } from "../tiny-vit-stages.js";
import { layerRows } from "./linear.js";

/** Convolution `<prefix>.c` and batch normalisation `<prefix>.bn` of 1xCxHxW in one operation. */
export function foldedConv2d(g: GraphBuilder, x: Value, prefix: string, options: ConvOptions = {}): Value {
  const shape = g.weightShape(`${prefix}.c.weight`); // out x in/groups x k x k
  const weight = g.computed(`${prefix}.folded.weight`, shape, (load) => foldedWeight(load, prefix));
  return conv2d(g, x, weight, foldedBias(g, prefix), options);
}

/** A 1x1 convolution and its batch normalisation on rows: [N, in] to [N, out]. */
export function foldedConvRows(g: GraphBuilder, x: Value, prefix: string, precision: Precision): Value {
  const [outputs, inputs] = g.weightShape(`${prefix}.c.weight`) as readonly [number, number, ...number[]];
  const name = `${prefix}.folded.weight`;
  const weights = { name, outputs, inputs, values: (load: WeightLoader) => foldedWeight(load, prefix) };
  return layerRows(g, x, weights, foldedBias(g, prefix), precision);
}

async function foldedWeight(load: WeightLoader, prefix: string): Promise<Float32Array> {
  const [weight, scales] = [await load(`${prefix}.c.weight`), await channelScales(load, prefix)];
  const perChannel = weight.length / scales.length;
  return weight.map((value, i) => value * scales[Math.floor(i / perChannel)]!);
}

function foldedBias(g: GraphBuilder, prefix: string): Value {
  return g.computed(`${prefix}.folded.bias`, g.weightShape(`${prefix}.bn.bias`), async (load) => {
    const [bias, mean] = [await load(`${prefix}.bn.bias`), await load(`${prefix}.bn.running_mean`)];
    const scales = await channelScales(load, prefix);
    return bias.map((value, i) => value - mean[i]! * scales[i]!);
  });
}

/** By what each output channel is multiplied: scale / √(variance + epsilon), in double precision. */
async function channelScales(load: WeightLoader, prefix: string): Promise<Float64Array> {
  const [scale, variance] = [await load(`${prefix}.bn.weight`), await load(`${prefix}.bn.running_var`)];
  return Float64Array.from(scale, (value, i) => {
    if (variance[i]! < 0) {
      throw new SamError("checkpoint-invalid", `"${prefix}.bn.running_var" has the value ${variance[i]}.`);
    }
    return value / Math.sqrt(variance[i]! + TINY_VIT_EPSILON);
  });
}
