/** Gradients of convolutions (Dumoulin and Visin, arXiv 1603.07285: the transposed convolution). */
import type { GraphBuilder } from "../builder.js";
import { mul } from "../ops/elementwise.js";
import { matmul, reduceSum } from "../ops/linear.js";
import { concat, pad, reshape, transpose, unsqueeze } from "../ops/shaping.js";
import { product } from "../shape.js";
import type { GraphNode, Value } from "../types.js";
import { type GradientRule, intAttribute, intsAttribute, noGradient, requireAttributes } from "./rule.js";

/** A convolution with the same stride and padding in both directions, as `conv2d` makes them. */
interface Convolution {
  readonly x: Value;
  readonly weight: Value;
  /** B x out x H' x W'. */
  readonly gradient: Value;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
  /** Side of the kernel. */
  readonly kernel: number;
}

export const convRule: GradientRule = (g, { node, inputs, gradients, needs }) => {
  const convolution = readConvolution(node, inputs, gradients[0]!);
  return [
    needs[0] ? convByInput(g, convolution) : undefined,
    needs[1] ? convByWeight(g, convolution) : undefined,
    needs[2] ? reduceSum(g, gradients[0]!, [0, 2, 3], false) : undefined,
  ];
};

function readConvolution(
  node: GraphNode,
  inputs: readonly (Value | undefined)[],
  gradient: Value,
): Convolution {
  const [x, weight] = inputs as [Value, Value];
  const [kernel, width] = weight.shape.slice(2) as [number, number];
  const groups = intAttribute(node, "group", 1);
  if (weight.shape.length !== 4 || kernel !== width || (groups !== 1 && weight.shape[1] !== 1))
    throw noGradient(node, "its kernel must be a square, in one group or one group a channel");
  const stride = intsAttribute(node, "strides")?.[0] ?? 1;
  const padding = intsAttribute(node, "pads")?.[0] ?? 0;
  requireAttributes(node, {
    auto_pad: ["NOTSET"],
    dilations: [[1, 1]],
    strides: [[stride, stride]],
    pads: [[padding, padding, padding, padding]],
  });
  if (padding >= kernel) throw noGradient(node, "its padding must be smaller than its kernel");
  return { x, weight, gradient, stride, padding, groups, kernel };
}

/** The transposed convolution of the gradient; with stride 1 that is one with the kernel turned round. */
function convByInput(g: GraphBuilder, convolution: Convolution): Value {
  const { x, weight, gradient, stride, padding, groups, kernel } = convolution;
  const attributes = (pads: number) =>
    ({
      kernel_shape: { kind: "ints", value: [kernel, kernel] },
      strides: { kind: "ints", value: [stride, stride] },
      pads: { kind: "ints", value: [pads, pads, pads, pads] },
      group: { kind: "int", value: groups },
    }) as const;
  if (stride === 1) {
    const turned = turnKernel(g, groups === 1 ? transpose(g, weight, [1, 0, 2, 3]) : weight, kernel);
    const inputs = [gradient, turned];
    return g.node({ opType: "Conv", inputs, attributes: attributes(kernel - 1 - padding), outputs: [x] })[0]!;
  }
  // Rows at the end that no window of the convolution reached.
  const left = [2, 3].map(
    (axis) => Number(x.shape[axis]) - ((Number(gradient.shape[axis]) - 1) * stride - 2 * padding + kernel),
  );
  return g.node({
    opType: "ConvTranspose",
    inputs: [gradient, weight],
    attributes: { ...attributes(padding), output_padding: { kind: "ints", value: left } },
    outputs: [x],
  })[0]!;
}

/** A kernel's rows and columns in reverse. */
function turnKernel(g: GraphBuilder, weight: Value, kernel: number): Value {
  if (kernel === 1) return weight;
  const [last, before, back] = [g.ints([-1, -1]), g.ints([-(2 ** 31), -(2 ** 31)]), g.ints([-1, -1])];
  return g.node({
    opType: "Slice",
    inputs: [weight, last, before, g.ints([2, 3]), back],
    outputs: [weight],
  })[0]!;
}

function convByWeight(g: GraphBuilder, convolution: Convolution): Value {
  const { weight, stride, padding, groups, kernel } = convolution;
  if (groups === 1 && stride === kernel && padding === 0 && kernel > 1)
    return patchesByWeight(g, convolution);
  const places = Array.from({ length: kernel * kernel }, (_, i) =>
    unsqueeze(g, placeByWeight(g, convolution, Math.floor(i / kernel), i % kernel), [2]),
  ); // out x (in / groups) x 1
  return reshape(g, places.length === 1 ? places[0]! : concat(g, places, 2), weight.shape);
}

/** Of the weights at one place of the kernel, out x (in / groups): what they were multiplied with. */
function placeByWeight(g: GraphBuilder, convolution: Convolution, row: number, column: number): Value {
  const { gradient, groups } = convolution;
  const [batch, out, height, width] = gradient.shape as [number, number, number, number];
  const seen = seenAt(g, convolution, row, column); // B x in x H' x W'
  if (groups > 1) return reshape(g, reduceSum(g, mul(g, gradient, seen), [0, 2, 3], false), [out, 1]);
  const cells = height * width;
  const columns = transpose(g, reshape(g, seen, [batch, seen.shape[1]!, cells]), [0, 2, 1]);
  return reduceSum(g, matmul(g, reshape(g, gradient, [batch, out, cells]), columns), [0], false);
}

/** Of the padded input what a place of the kernel meets, window after window. */
function seenAt(g: GraphBuilder, convolution: Convolution, row: number, column: number): Value {
  const { x, gradient, stride, padding, kernel } = convolution;
  if (kernel === 1 && stride === 1 && padding === 0) return x;
  const padded = padding > 0 ? pad(g, x, [0, 0, padding, padding, 0, 0, padding, padding]) : x;
  const [height, width] = [gradient.shape[2] as number, gradient.shape[3] as number];
  const ends = [row + (height - 1) * stride + 1, column + (width - 1) * stride + 1];
  return g.node({
    opType: "Slice",
    inputs: [padded, g.ints([row, column]), g.ints(ends), g.ints([2, 3]), g.ints([stride, stride])],
    outputs: [{ dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, height, width] }],
  })[0]!;
}

/** Windows that don't overlap are the rows of one product. */
function patchesByWeight(g: GraphBuilder, { x, weight, gradient, kernel }: Convolution): Value {
  const [batch, out, height, width] = gradient.shape as [number, number, number, number];
  const channels = x.shape[1]!;
  const trimmed = trim(g, x, height * kernel, width * kernel);
  const cells = reshape(g, trimmed, [batch, channels, height, kernel, width, kernel]);
  const patches = reshape(g, transpose(g, cells, [0, 2, 4, 1, 3, 5]), [
    product([batch, height, width]),
    product([channels, kernel, kernel]),
  ]);
  const rows = reshape(g, transpose(g, gradient, [1, 0, 2, 3]), [out, product([batch, height, width])]);
  return reshape(g, matmul(g, rows, patches), weight.shape);
}

/** Drops rows and columns that no window reaches. */
function trim(g: GraphBuilder, x: Value, height: number, width: number): Value {
  if (x.shape[2] === height && x.shape[3] === width) return x;
  return g.node({
    opType: "Slice",
    inputs: [x, g.ints([0, 0]), g.ints([height, width]), g.ints([2, 3])],
    outputs: [{ dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, height, width] }],
  })[0]!;
}

/** Of a transposed convolution whose kernel equals its stride: weights in x out x k x k. */
export const convTransposeRule: GradientRule = (g, { node, inputs, outputs, gradients, needs }) => {
  const [x, weight, bias] = inputs as [Value, Value, Value | undefined];
  const gradient = gradients[0]!;
  const kernel = Number(weight.shape[2]);
  requireAttributes(node, {
    auto_pad: ["NOTSET"],
    dilations: [[1, 1]],
    group: [1],
    output_padding: [[0, 0]],
    output_shape: [],
    pads: [[0, 0, 0, 0]],
    strides: [[kernel, kernel]],
  });
  const isPlain = outputs[0]!.shape[2] === Number(x.shape[2]) * kernel && weight.shape[3] === kernel;
  if (!isPlain) throw noGradient(node, "its kernel must be a square that equals its stride");
  const byInput = () =>
    g.node({
      opType: "Conv",
      inputs: [gradient, weight],
      attributes: {
        kernel_shape: { kind: "ints", value: [kernel, kernel] },
        strides: { kind: "ints", value: [kernel, kernel] },
      },
      outputs: [x],
    })[0]!;
  return [
    needs[0] ? byInput() : undefined,
    needs[1] ? transposedByWeight(g, x, weight, gradient) : undefined,
    needs[2] && bias ? reduceSum(g, gradient, [0, 2, 3], false) : undefined,
  ];
};

function transposedByWeight(g: GraphBuilder, x: Value, weight: Value, gradient: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [, out, kernel] = weight.shape as [number, number, number];
  const cells = reshape(g, gradient, [batch, out, height, kernel, width, kernel]);
  const patches = reshape(g, transpose(g, cells, [0, 2, 4, 1, 3, 5]), [
    product([batch, height, width]),
    out * kernel * kernel,
  ]);
  const rows = reshape(g, transpose(g, x, [1, 0, 2, 3]), [channels, product([batch, height, width])]);
  return reshape(g, matmul(g, rows, patches), weight.shape);
}
