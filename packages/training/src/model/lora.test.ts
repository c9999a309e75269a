import { createGraphBuilder } from "@segany/graph";
import { matmul } from "@segany/graph/ops";
import type { TrainableModel } from "@segany/sam/training";
import { expect, it } from "vitest";
import { evaluateGraph } from "../../../graph/src/testing/evaluate-graph.js";
import { createRandom } from "../random/random.js";
import { initialLora, loraShapes, withLora } from "./lora.js";
import { trainedWeights } from "./trained-weights.js";

const weights = new Map([
  ["a.proj.weight", { shape: [2, 3] }],
  ["a.proj.bias", { shape: [2] }],
]);

it("adds the product of its factors to a weight, and leaves others alone", () => {
  const shapes = loraShapes(weights, ["a.proj.weight"], 1);
  expect(Object.fromEntries([...shapes].map(([key, { shape }]) => [key, shape]))).toEqual({
    "a.proj.lora_A": [1, 3],
    "a.proj.lora_B": [2, 1],
  });
  const builder = createGraphBuilder("adapted", new Map([...weights, ...shapes]));
  const inputs = new Map(
    [...weights, ...shapes].map(([key, { shape }]) => [key, builder.input(key, "float32", shape)]),
  );
  const g = withLora({ ...builder, weight: (key) => inputs.get(key)! }, new Set(["a.proj.weight"]));
  expect(g.weight("a.proj.weight")).toBe(g.weight("a.proj.weight"));
  g.output("w", matmul(g, g.weight("a.proj.weight"), g.input("x", "float32", [3, 3])));
  g.output("b", g.weight("a.proj.bias"));
  const tensor = (shape: number[], data: number[]) => ({ shape, data: Float64Array.from(data) });
  const { w, b } = evaluateGraph(builder.finish(), {
    "a.proj.weight": tensor([2, 3], [1, 2, 3, 4, 5, 6]),
    "a.proj.bias": tensor([2], [8, 9]),
    "a.proj.lora_A": tensor([1, 3], [1, 0, -1]),
    "a.proj.lora_B": tensor([2, 1], [10, 100]),
    x: tensor([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
  });
  expect([...w!.data]).toEqual([11, 2, -7, 104, 5, -94]);
  expect([...b!.data]).toEqual([8, 9]);
});

it("changes nothing at first", () => {
  const values = initialLora(createRandom(1), loraShapes(weights, ["a.proj.weight"], 2));
  expect([...values.get("a.proj.lora_B")!]).toEqual([0, 0, 0, 0]);
  const down = [...values.get("a.proj.lora_A")!];
  expect(new Set(down).size).toBe(6);
  for (const value of down) expect(Math.abs(value)).toBeLessThan(1 / Math.sqrt(3));
});

it("is merged into the weights that it adapts", async () => {
  const trainable = {
    network: { linearLayer: (key: string) => (key === "a.proj.weight" ? "attention" : undefined) },
    state: { tensors: weights, load: async () => Float32Array.of(1, 2, 3, 4, 5, 6) },
  } as unknown as TrainableModel;
  const trained = trainedWeights(trainable, { train: "lora", loraRank: 1, loraTargets: "linear", seed: 1 });
  expect(["a.proj.weight", "a.proj.lora_A"].map(trained.isTrained)).toEqual([false, true]);
  const parameters = new Map([
    ["a.proj.lora_A", { shape: [1, 3], data: Float32Array.of(1, 0, -1) }],
    ["a.proj.lora_B", { shape: [2, 1], data: Float32Array.of(10, 100) }],
  ]);
  const changed = await trained.merge(parameters);
  expect([...changed.keys()]).toEqual(["a.proj.weight"]);
  expect([...changed.get("a.proj.weight")!]).toEqual([11, 2, -7, 104, 5, -94]);
});
