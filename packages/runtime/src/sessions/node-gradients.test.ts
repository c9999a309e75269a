import { expect, it } from "vitest";
import { evaluateGraph } from "../../../graph/src/testing/evaluate-graph.js";
import { GRADIENT_CASES } from "../../../graph/src/testing/gradient-cases.js";
import { buildGradientCase, caseFeeds } from "../../../graph/src/testing/gradient-graph.js";
import { floats, runGraph } from "../testing/run-graph.js";

const noWeights = () => Promise.reject(new Error("These graphs have no weights."));

it.each(GRADIENT_CASES)("computes the gradient of $name as its definition does", async (one) => {
  const { graph } = buildGradientCase(one);
  const feeds = caseFeeds(one);
  const expected = evaluateGraph(graph, feeds);
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [name, floats(Float32Array.from(data), shape)]),
  );
  const actual = await runGraph(graph, noWeights, tensors);
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(actual[name]!.shape, name).toEqual(shape);
    const values = actual[name]!.data as Float32Array;
    data.forEach((value, i) => {
      expect(Math.abs(values[i]! - value), `${name}[${i}]`).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    });
  }
});
