import { mul, reduceSum, sub } from "@segany/graph/ops";
import { describe, expect, it } from "vitest";
import { openObjective } from "./objective.js";

const weights = new Map([
  ["w", { shape: [2] }],
  ["frozen", { shape: [2] }],
]);
const options = {
  weights,
  load: async () => Float32Array.of(3, 5),
  /** Σ (w·x - frozen)² */
  build: (g: Parameters<Parameters<typeof openObjective>[0]["build"]>[0]) => {
    const x = g.input("x", "float32", [2]);
    const error = sub(g, mul(g, g.weight("w"), x), g.weight("frozen"));
    return { loss: reduceSum(g, mul(g, error, error), [0], false), outputs: { error } };
  },
};
const parameters = new Map([["w", { shape: [2], data: Float32Array.of(1, 1) }]]);
const feeds = { x: { dtype: "float32", shape: [2], data: Float32Array.of(2, 10) } } as const;

describe("an objective", () => {
  it("gives the loss, its outputs and the gradients by what is trained", async () => {
    const objective = await openObjective({ ...options, isTrained: (key) => key === "w" });
    expect(objective.keys).toEqual(["w"]);
    const { loss, outputs, gradients } = await objective.run(parameters, feeds);
    expect(loss).toBe(26); // (2 - 3)² + (10 - 5)²
    expect([...(outputs.error!.data as Float32Array)]).toEqual([-1, 5]);
    expect([...gradients.get("w")!]).toEqual([-4, 100]); // 2·error·x
    await objective.close();
  });

  it("gives no gradients where none are wanted", async () => {
    const objective = await openObjective({
      ...options,
      isTrained: (key) => key === "w",
      withGradients: false,
    });
    const { loss, gradients } = await objective.run(parameters, feeds);
    expect([loss, gradients.size]).toEqual([26, 0]);
    await objective.close();
  });

  it("refuses a loss that nothing trained changes", async () => {
    await expect(openObjective({ ...options, isTrained: () => false })).rejects.toMatchObject({
      code: "option-invalid",
    });
  });
});
