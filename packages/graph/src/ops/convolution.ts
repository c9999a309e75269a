import type { GraphBuilder } from "../builder.js";
import { known } from "../shape.js";
import type { Dim, Value } from "../types.js";
import { concat, shapeOf, slice } from "./shaping.js";

/** Options of a two-dimensional convolution, the same in both directions. */
export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

/**
 * 2-D convolution of Bx C x H x W with weights out x (in / groups) x kh x kw.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [1, 3, 64, 64]);
 * const weight = g.constant(new Float32Array(16 * 3 * 9), [16, 3, 3, 3]);
 * console.log(conv2d(g, x, weight, undefined, { stride: 2, padding: 1 }).shape); // [ 1, 16, 32, 32 ]
 */
export function conv2d(
  g: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  options: ConvOptions = {},
): Value {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const [out, , kh, kw] = weight.shape.map((dim) => known(dim, "Conv"));
  const extent = (size: number, kernel: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const height = extent(known(x.shape[2], "Conv"), kh!);
  const width = extent(known(x.shape[3], "Conv"), kw!);
  return g.node({
    opType: "Conv",
    inputs: bias ? [x, weight, bias] : [x, weight],
    attributes: {
      kernel_shape: { kind: "ints", value: [kh!, kw!] },
      strides: { kind: "ints", value: [stride, stride] },
      pads: { kind: "ints", value: [padding, padding, padding, padding] },
      group: { kind: "int", value: groups },
    },
    outputs: [{ dtype: x.dtype, shape: [x.shape[0]!, out!, height, width] }],
  })[0]!;
}

/**
 * 2-D transposed convolution whose kernel equals its stride (no overlap), weights in x out x k x k.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [1, 16, 32, 32]);
 * const weight = g.constant(new Float32Array(16 * 8 * 4), [16, 8, 2, 2]);
 * const bias = g.constant(new Float32Array(8), [8]);
 * console.log(convTranspose2d(g, x, weight, bias).shape); // [ 1, 8, 64, 64 ]
 */
export function convTranspose2d(g: GraphBuilder, x: Value, weight: Value, bias: Value): Value {
  const [, out, kh, kw] = weight.shape.map((dim) => known(dim, "ConvTranspose"));
  const shape = [
    x.shape[0]!,
    out!,
    known(x.shape[2], "ConvTranspose") * kh!,
    known(x.shape[3], "ConvTranspose") * kw!,
  ];
  return g.node({
    opType: "ConvTranspose",
    inputs: [x, weight, bias],
    attributes: {
      kernel_shape: { kind: "ints", value: [kh!, kw!] },
      strides: { kind: "ints", value: [kh!, kw!] },
    },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/**
 * Bilinear resize of BxCxHxW without corner alignment to the height and width that `size` (int64 [2], in the
 * graph) holds.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [1, 3, 64, 64]);
 * console.log(resizeBilinear(g, x, g.ints([1, 3, 128, 96]), [128, 96]).shape); // [ 1, 3, 128, 96 ]
 */
export function resizeBilinear(
  g: GraphBuilder,
  x: Value,
  size: Value,
  [height, width]: readonly [height: Dim, width: Dim],
): Value {
  const lead = slice(g, shapeOf(g, x), 0, 0, 2);
  return g.node({
    opType: "Resize",
    inputs: [x, undefined, undefined, concat(g, [lead, size], 0)],
    attributes: {
      mode: { kind: "string", value: "linear" },
      coordinate_transformation_mode: { kind: "string", value: "half_pixel" },
    },
    outputs: [{ dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, height, width] }],
  })[0]!;
}

/**
 * Batch normalisation in evaluation mode: every channel of BxCx… is brought by its running mean and variance
 * to (x - mean) / √(variance + epsilon) · scale + bias.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [1, 64, 8, 8]);
 * const ones = g.constant(new Float32Array(64).fill(1), [64]);
 * const zeros = g.constant(new Float32Array(64), [64]);
 * console.log(batchNormalization(g, x, ones, zeros, zeros, ones, 1e-5).shape); // [ 1, 64, 8, 8 ]
 */
export function batchNormalization(
  g: GraphBuilder,
  x: Value,
  scale: Value,
  bias: Value,
  mean: Value,
  variance: Value,
  epsilon: number,
): Value {
  return g.node({
    opType: "BatchNormalization",
    inputs: [x, scale, bias, mean, variance],
    attributes: { epsilon: { kind: "float", value: epsilon } },
    outputs: [x],
  })[0]!;
}
