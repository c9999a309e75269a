import { createGraphBuilder, type GraphBuilder, type Value } from "@segany/graph";
import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../../../graph/src/testing/evaluate-graph.js";
import { cellLogits } from "./cell-logits.js";
import { type MaskHead, pixelLogits } from "./mask-decoder.js";

const SIDE = 3;
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "0.weight": [8, 4, 2, 2],
  "0.bias": [4],
  "1.weight": [4],
  "1.bias": [4],
  "3.weight": [4, 2, 2, 2],
  "3.bias": [2],
};

/** Values without a pattern, between -1 and 1. */
function values(shape: readonly number[], seed: number): { shape: readonly number[]; data: Float64Array } {
  const length = shape.reduce((all, dim) => all * dim, 1);
  return { shape, data: Float64Array.from({ length }, (_, i) => Math.sin((i + 1) * (seed + 2.7))) };
}

/** Logits of two prompts with three masks each. */
function logitsOf(head: MaskHead) {
  const inner = createGraphBuilder("head", new Map());
  const feeds: Record<string, ReturnType<typeof values>> = {};
  const input = (name: string, shape: readonly number[]): Value => {
    feeds[name] ??= values(shape, Object.keys(feeds).length);
    return inner.input(name, "float32", shape);
  };
  const weight = (key: string) => input(key, SHAPES[key.replace("mask_decoder.output_upscaling.", "")]!);
  const g: GraphBuilder = { ...inner, weight };
  const cells = input("cells", [2, SIDE * SIDE, 8]);
  g.output("logits", head(g, cells, input("hyper", [2, 3, 2]), SIDE));
  return evaluateGraph(g.finish(), feeds).logits!;
}

describe("logits from cells", () => {
  it("are those of the transposed convolutions", () => {
    const [expected, actual] = [logitsOf(pixelLogits), logitsOf(cellLogits)];
    expect(actual.shape).toEqual([2, 3, 4 * SIDE, 4 * SIDE]);
    expect(expected.shape).toEqual(actual.shape);
    expect(new Set(actual.data).size).toBeGreaterThan(400); // no two alike: a wrong order would show
    for (const [i, value] of actual.data.entries()) expect(value).toBeCloseTo(expected.data[i]!, 9);
  });
});
