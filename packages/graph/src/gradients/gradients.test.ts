import { expect, it } from "vitest";
import { createGraphBuilder } from "../builder.js";
import { argMax, cast, floor, fusedMatMul, greater, mul, reduceSum, relu, slice } from "../ops.js";
import { evaluateGraph } from "../testing/evaluate-graph.js";
import { GRADIENT_CASES } from "../testing/gradient-cases.js";
import { buildGradientCase, caseFeeds } from "../testing/gradient-graph.js";
import { gradients } from "./gradients.js";
import { GRADIENT_RULES } from "./rules.js";

const STEP = 1e-5;

it.each(GRADIENT_CASES)("is the slope of $name", (one) => {
  const { graph, inputNames } = buildGradientCase(one);
  const feeds = caseFeeds(one);
  const outputs = evaluateGraph(graph, feeds);
  const lossWith = (name: string, i: number, step: number) => {
    const data = feeds[name]!.data.slice();
    data[i]! += step;
    return evaluateGraph(graph, { ...feeds, [name]: { ...feeds[name]!, data } }).loss!.data[0]!;
  };
  for (const name of inputNames) {
    const gradient = outputs[`d_${name}`];
    if (!gradient) continue;
    expect(gradient.shape).toEqual(feeds[name]!.shape);
    gradient.data.forEach((value, i) => {
      const slope = (lossWith(name, i, STEP) - lossWith(name, i, -STEP)) / (2 * STEP);
      expect(Math.abs(value - slope), `${name}[${i}]: ${value}, not ${slope}`).toBeLessThan(1e-7);
    });
  }
});

it("has a case for every rule", () => {
  const used = new Set(
    GRADIENT_CASES.flatMap((one) => buildGradientCase(one).forward.map(({ opType }) => opType)),
  );
  expect(Object.keys(GRADIENT_RULES).filter((opType) => opType !== "Identity" && !used.has(opType))).toEqual(
    [],
  );
});

it("ends where results change in steps only", () => {
  const g = createGraphBuilder("steps", new Map());
  const x = g.input("x", "float32", [3]);
  const loss = reduceSum(g, mul(g, floor(g, x), cast(g, greater(g, x, g.scalar(0)), "float32")), [0]);
  expect(gradients(g, loss, [x, argMax(g, x, 0)])).toEqual([undefined, undefined]);
});

it("gives nothing for what the loss does not depend on", () => {
  const g = createGraphBuilder("apart", new Map());
  const [x, y] = [g.input("x", "float32", [3]), g.input("y", "float32", [2])];
  const [dx, dy] = gradients(g, reduceSum(g, relu(g, x), [0]), [x, y]);
  expect(dx?.shape).toEqual([3]);
  expect(dy).toBeUndefined();
});

it("names an operator without a rule, its node and the path from the loss", () => {
  const g = createGraphBuilder("fused", new Map());
  const x = g.input("x", "float32", [2, 2]);
  const loss = reduceSum(g, relu(g, fusedMatMul(g, x, x)), [0, 1]);
  expect(() => gradients(g, loss, [x])).toThrow(
    expect.objectContaining({
      code: "graph-invalid",
      message: expect.stringMatching(
        /FusedMatMul.*node FusedMatMul_0.*ReduceSum_\d+ ← Relu_\d+ ← FusedMatMul_0/,
      ),
    }),
  );
});

it.each([[[3]], [["B"]], [[1, 2]]])("refuses a loss of shape %j", (shape) => {
  const g = createGraphBuilder("many", new Map());
  const x = g.input("x", "float32", shape);
  expect(() => gradients(g, x, [x])).toThrow(expect.objectContaining({ code: "graph-invalid" }));
});

it("refuses slices whose end alone is known when the graph runs", () => {
  const g = createGraphBuilder("runtime", new Map());
  const x = g.input("x", "float32", [4]);
  const start = g.input("start", "int64", [1]);
  const cut = g.node({
    opType: "Slice",
    inputs: [x, start, g.ints([4]), g.ints([0])],
    outputs: [{ dtype: "float32", shape: ["N"] }],
  })[0]!;
  expect(() => gradients(g, reduceSum(g, slice(g, cut, 0, 0, 1), [0]), [x])).toThrow(/constants, not start/);
});
