/** Gradients of matrix products and of sums over axes. */
import type { GraphBuilder } from "../builder.js";
import { cast, div, equal, mul, sub } from "../ops/elementwise.js";
import { matmul, reduceSum } from "../ops/linear.js";
import { reshape, shapeOf, slice, squeeze, transpose, unsqueeze } from "../ops/shaping.js";
import { normalizeAxis, product } from "../shape.js";
import type { GraphNode, Value } from "../types.js";
import {
  type GradientRule,
  intAttribute,
  intsAttribute,
  noGradient,
  requireAttributes,
  ruleOf,
} from "./rule.js";
import { constantInts, expandLike, sumTo } from "./shapes.js";

/** y = a·b: da = dy·bᵀ and db = aᵀ·dy, summed where one of them was broadcast. */
export const matmulRule = ruleOf(
  (g, gradient, [a, b]) => sumTo(g, matmul(g, gradient, lastTwoSwapped(g, b!)), a!.shape),
  (g, gradient, [a, b]) =>
    b!.shape.length === 2
      ? matmul(g, transpose(g, rows(g, a!), [1, 0]), rows(g, gradient))
      : sumTo(g, matmul(g, lastTwoSwapped(g, a!), gradient), b!.shape),
);

/** y = a·b or a·bᵀ, plus c. */
export const gemmRule: GradientRule = (g, { node, inputs, gradients, needs }) => {
  requireAttributes(node, { transA: [0], alpha: [1], beta: [1] });
  const [a, b, c] = inputs;
  const gradient = gradients[0]!;
  const swapped = intAttribute(node, "transB", 0) !== 0;
  const byB = () =>
    swapped ? matmul(g, transpose(g, gradient, [1, 0]), a!) : matmul(g, transpose(g, a!, [1, 0]), gradient);
  return [
    needs[0] ? matmul(g, gradient, swapped ? b! : transpose(g, b!, [1, 0])) : undefined,
    needs[1] ? byB() : undefined,
    needs[2] ? sumTo(g, gradient, c!.shape) : undefined,
  ];
};

/** (dy - Σ dy·y)·y along the axis. */
export const softmaxRule = ruleOf((g, gradient, _, y, node) => {
  const axis = intAttribute(node, "axis", -1);
  return mul(g, sub(g, gradient, reduceSum(g, mul(g, gradient, y), [axis])), y);
});

export const reduceSumRule: GradientRule = (g, { node, inputs, gradients }) => [
  spread(g, node, inputs, gradients[0]!),
];

export const reduceMeanRule: GradientRule = (g, { node, inputs, gradients }) => {
  const count = countAlong(g, inputs[0]!, reducedAxes(g, node, inputs));
  return [spread(g, node, inputs, div(g, gradients[0]!, count))];
};

/** How many elements of x a sum over the axes takes together, as a number of the gradient's type. */
function countAlong(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const all = product(axes.map((axis) => x.shape[axis]!));
  if (typeof all === "number") return g.scalar(all);
  const extent = (axis: number) => squeeze(g, slice(g, shapeOf(g, x), 0, axis, axis + 1), [0]);
  return cast(
    g,
    axes.map(extent).reduce((count, one) => mul(g, count, one)),
    x.dtype,
  );
}

/** The largest, or smallest, elements share the gradient evenly (as PyTorch's `amax` and `amin`). */
export const extremeRule: GradientRule = (g, { node, inputs, outputs, gradients }) => {
  const x = inputs[0]!;
  const axes = reducedAxes(g, node, inputs);
  const isExtreme = cast(g, equal(g, x, keptAxes(g, outputs[0]!, x, axes)), "float32");
  const share = div(g, keptAxes(g, gradients[0]!, x, axes), reduceSum(g, isExtreme, axes));
  return [mul(g, isExtreme, share)];
};

function lastTwoSwapped(g: GraphBuilder, x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return transpose(g, x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** All rows of the last axis, one after another. */
function rows(g: GraphBuilder, x: Value): Value {
  if (x.shape.length === 2) return x;
  return reshape(g, x, [product(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/** Repeats the gradient of a sum over axes for every element that was summed. */
function spread(g: GraphBuilder, node: GraphNode, inputs: readonly (Value | undefined)[], gradient: Value) {
  const x = inputs[0]!;
  return expandLike(g, keptAxes(g, gradient, x, reducedAxes(g, node, inputs)), x);
}

/** A reduced value with an extent of one in place of each axis that is gone. */
function keptAxes(g: GraphBuilder, reduced: Value, x: Value, axes: readonly number[]): Value {
  return reduced.shape.length === x.shape.length ? reduced : unsqueeze(g, reduced, axes);
}

function reducedAxes(
  g: GraphBuilder,
  node: GraphNode,
  [x, axes]: readonly (Value | undefined)[],
): readonly number[] {
  const list = intsAttribute(node, "axes") ?? constantInts(g, axes, node.opType);
  if (list.length === 0) throw noGradient(node, "it names no axes");
  return list.map((axis) => normalizeAxis(axis, x!.shape.length));
}
