/** For tests: a case's function, a loss of it, and its gradients as outputs `d_…`. */
import { createGraphBuilder } from "../builder.js";
import { gradients } from "../gradients.js";
import { expand, mul, reduceSum, shapeOf } from "../ops.js";
import type { Graph, GraphNode } from "../types.js";
import type { Tensor } from "./float64-tensor.js";
import { fill } from "./float64-tensor.js";
import type { GradientCase } from "./gradient-cases.js";

/** The loss is Σ weightᵢ·yᵢ, with a different weight for each element of the result. */
export function buildGradientCase({ name, shapes, build }: GradientCase) {
  const g = createGraphBuilder(name, new Map());
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, "float32", shape));
  const y = build(g, inputs);
  const forward: readonly GraphNode[] = [...g.nodes];
  const weighted = mul(g, y, mul(g, y, g.scalar(0.3)));
  const phase = expand(g, g.scalar(0.7), shapeOf(g, y), y.shape);
  const axes = y.shape.map((_, i) => i);
  const sum = (value: typeof y) => (axes.length > 0 ? reduceSum(g, value, axes, false) : value);
  const loss = g.node({
    opType: "Add",
    inputs: [sum(weighted), sum(mul(g, y, phase))],
    outputs: [{ dtype: "float32", shape: [] }],
  })[0]!;
  const found = gradients(g, loss, inputs);
  g.output("loss", loss);
  found.forEach((gradient, i) => {
    if (gradient) g.output(`d_x${i}`, gradient);
  });
  const graph: Graph = g.finish();
  return { graph, forward, inputNames: inputs.map((input) => input.name) };
}

/** Values for a case's inputs, the same each time and none of them equal. */
export function caseFeeds({ shapes, extents = {}, range = [-1, 1] }: GradientCase): Record<string, Tensor> {
  let seed = 7;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return range[0] + (range[1] - range[0]) * (seed / 2_147_483_647);
  };
  return Object.fromEntries(
    shapes.map((shape, i) => {
      const sizes = shape.map((dim) => (typeof dim === "number" ? dim : extents[dim]!));
      return [`x${i}`, fill(sizes, next)];
    }),
  );
}
