/** Gradients of operators that move, choose or repeat elements. */
import type { GraphBuilder } from "../builder.js";
import { add, sub } from "../ops/elementwise.js";
import { concat, scatterAdd, shapeOf, slice, transpose } from "../ops/shaping.js";
import { known, normalizeAxis } from "../shape.js";
import type { Value } from "../types.js";
import {
  type GradientRule,
  intAttribute,
  intsAttribute,
  noGradient,
  requireAttributes,
  ruleOf,
} from "./rule.js";
import { constantInts, reshapeLike, sumTo, zerosLike } from "./shapes.js";

export const identityRule = ruleOf((_, gradient) => gradient);

/** Of Reshape, Squeeze and Unsqueeze: the elements keep their order. */
export const reshapeRule = ruleOf((g, gradient, [x]) => reshapeLike(g, gradient, x!));

export const expandRule = ruleOf((g, gradient, [x]) => sumTo(g, gradient, x!.shape));

export const transposeRule = ruleOf((g, gradient, _, __, node) => {
  const perm = intsAttribute(node, "perm") ?? gradient.shape.map((_, axis) => axis).reverse();
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return transpose(g, gradient, inverse);
});

export const concatRule: GradientRule = (g, { node, inputs, gradients, needs }) => {
  const parts = inputs as Value[];
  const axis = normalizeAxis(intAttribute(node, "axis", 0), parts[0]!.shape.length);
  const extents = parts.map(({ shape }) => shape[axis]!);
  const sizes = extents.every((extent) => typeof extent === "number")
    ? g.ints(extents)
    : concat(
        g,
        parts.map((part) => slice(g, shapeOf(g, part), 0, axis, axis + 1)),
        0,
      );
  const pieces = g.node({
    opType: "Split",
    inputs: [gradients[0], sizes],
    attributes: { axis: { kind: "int", value: axis } },
    outputs: parts,
  });
  return pieces.map((piece, i) => (needs[i] ? piece : undefined));
};

/** Pieces that the loss does not depend on count as zeros. */
export const splitRule: GradientRule = (g, { node, outputs, gradients }) => {
  const pieces = outputs.map((output, i) => gradients[i] ?? zerosLike(g, output));
  return [concat(g, pieces, intAttribute(node, "axis", 0))];
};

/** Zeros around the elements that were cut out. */
export const sliceRule: GradientRule = (g, { node, inputs, outputs, gradients }) => {
  const [x, starts, , axes, steps] = inputs;
  if (steps && constantInts(g, steps, "Slice").some((step) => step !== 1))
    throw noGradient(node, "it leaves elements out");
  const begins = x!.shape.map(() => 0);
  const places = constantInts(g, axes, "Slice").map((axis) => normalizeAxis(axis, x!.shape.length));
  constantInts(g, starts, "Slice").forEach((start, i) => {
    begins[places[i]!] = start < 0 ? known(x!.shape[places[i]!], "The gradient of Slice") + start : start;
  });
  return [padTo(g, gradients[0]!, x!, begins, outputs[0]!)];
};

/** Pads a gradient that has the shape of `cut` with zeros to the shape of `x`. */
function padTo(g: GraphBuilder, gradient: Value, x: Value, begins: readonly number[], cut: Value): Value {
  const before = g.ints(begins);
  const isKnown = [...x.shape, ...cut.shape].every((dim) => typeof dim === "number");
  const after = isKnown
    ? g.ints(begins.map((begin, i) => Number(x.shape[i]) - Number(cut.shape[i]) - begin))
    : sub(g, sub(g, shapeOf(g, x), shapeOf(g, cut)), before);
  const pads = concat(g, [before, after], 0);
  return g.node({ opType: "Pad", inputs: [gradient, pads], outputs: [x] })[0]!;
}

/** The part that is not padding. */
export const padRule: GradientRule = (g, { node, inputs, gradients }) => {
  requireAttributes(node, { mode: ["constant"] });
  const [x, pads, , someAxes] = inputs;
  const sizes = constantInts(g, pads, "Pad");
  if (someAxes || sizes.some((size) => size < 0)) throw noGradient(node, "it names axes, or crops");
  const begins = sizes.slice(0, x!.shape.length);
  const starts = g.ints(begins);
  const ends = add(g, shapeOf(g, x!), starts);
  const axes = g.ints(begins.map((_, axis) => axis));
  return g.node({ opType: "Slice", inputs: [gradients[0], starts, ends, axes], outputs: [x!] });
};

/** Every element gets the sum of what reaches it from where it was picked to. */
export const gatherRule: GradientRule = (g, { node, inputs, gradients }) => {
  const [x, indices] = inputs as [Value, Value];
  const axis = normalizeAxis(intAttribute(node, "axis", 0), x.shape.length);
  const count = indices.shape.length;
  const all = gradients[0]!.shape.map((_, i) => i);
  const chosen = all.slice(axis, axis + count);
  const rowsFirst = [...chosen, ...all.slice(0, axis), ...all.slice(axis + count)];
  const rows = axis === 0 ? gradients[0]! : transpose(g, gradients[0]!, rowsFirst);
  const summed = scatterAdd(g, rows, indices, known(x.shape[axis], "The gradient of Gather")); // L, others
  if (axis === 0) return [summed];
  const back = x.shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
  return [transpose(g, summed, back)];
};
