/** Linear layers of the fast forms: the one place where a layer's arithmetic is chosen. */
import type { GraphBuilder, Precision, Value, WeightLoader } from "@segany/graph";
import { gemm } from "@segany/graph/ops";
import { type LayerWeights, quantizedLinear } from "./quantized-linear.js";

/**
 * A group of a layer's outputs, as query, key and value are of a joint projection: [index · size, (index + 1)
 * · size). Where the groups alternate within each of several heads, every head gives its share of `size`.
 */
export interface OutputGroup {
  readonly index: number;
  readonly size: number;
  /** Heads that the groups alternate within; 1 where each group stands in one piece. */
  readonly heads?: number;
}

/** Which outputs of a layer, and in which arithmetic; all of them in fp32 where left out. */
export interface LinearOptions {
  readonly group?: OutputGroup;
  readonly precision?: Precision;
}

/**
 * x · weightᵀ + bias on rows [N, in], with `<prefix>.weight` [out, in] and, where the checkpoint has it,
 * `<prefix>.bias`.
 */
export function linearRows(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  { group, precision = "fp32" }: LinearOptions = {},
): Value {
  const key = `${prefix}.weight`;
  const [rows, inputs] = g.weightShape(key) as readonly [number, number];
  const weights: LayerWeights = {
    name: groupName(key, group),
    outputs: group?.size ?? rows,
    inputs,
    values: (load) => groupValues(load, key, inputs, group),
  };
  return layerRows(g, x, weights, groupBias(g, `${prefix}.bias`, group), precision);
}

/**
 * x · weightsᵀ + bias on rows [N, inputs]. In fp32 the checkpoint's own layout is kept: with thousands of
 * rows a transposed copy was no faster.
 */
export function layerRows(
  g: GraphBuilder,
  x: Value,
  weights: LayerWeights,
  bias: Value | undefined,
  precision: Precision,
): Value {
  switch (precision) {
    case "fp32": {
      const { name, outputs, inputs, values } = weights;
      return gemm(g, x, g.computed(name, [outputs, inputs], values), bias, { transB: true });
    }
    case "int8":
      return quantizedLinear(g, x, weights, bias);
  }
}

function groupBias(g: GraphBuilder, key: string, group: OutputGroup | undefined): Value | undefined {
  if (!g.hasWeight(key)) return undefined;
  if (!group) return g.weight(key);
  return g.computed(groupName(key, group), [group.size], (load) => groupValues(load, key, 1, group));
}

function groupName(key: string, group: OutputGroup | undefined): string {
  return group ? `${key}.group${group.index}` : key;
}

/** A tensor's values for the outputs of a group, or all: `inputs` values an output. */
export async function groupValues(
  load: WeightLoader,
  key: string,
  inputs: number,
  group: OutputGroup | undefined,
): Promise<Float32Array> {
  const all = await load(key);
  if (!group) return all;
  const { index, size, heads = 1 } = group;
  const [stride, share] = [all.length / heads, (size * inputs) / heads];
  const values = new Float32Array(size * inputs);
  for (let head = 0; head < heads; head++) {
    const start = head * stride + index * share;
    values.set(all.subarray(start, start + share), head * share);
  }
  return values;
}
