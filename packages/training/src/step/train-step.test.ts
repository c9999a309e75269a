import { matmul, mul, reduceMean, sub } from "@segany/graph/ops";
import { expect, it } from "vitest";
import { createTrainStep } from "./train-step.js";

const matrix = (rows: readonly (readonly number[])[]) =>
  ({
    dtype: "float32",
    shape: [rows.length, rows[0]!.length],
    data: Float32Array.from(rows.flat()),
  }) as const;

it("finds the weights of a linear function", async () => {
  const step = await createTrainStep({
    weights: new Map([
      ["w", { shape: [2, 1], data: Float32Array.of(0, 0) }],
      ["unused", { shape: [1], data: Float32Array.of(7) }],
    ]),
    weightDecay: 0,
    averageDecay: 0.9,
    build(g) {
      const error = sub(
        g,
        matmul(g, g.input("x", "float32", ["N", 2]), g.weight("w")),
        g.input("y", "float32", ["N", 1]),
      );
      return { loss: reduceMean(g, mul(g, error, error), [0, 1], false), outputs: { error } };
    },
  });
  const feeds = {
    x: matrix([
      [1, 0],
      [0, 1],
      [1, 1],
    ]),
    y: matrix([[2], [-1], [1]]),
  };
  const first = await step.run(feeds, 0.05);
  expect(first.loss).toBe(2); // (4 + 1 + 1) / 3
  expect([...(first.outputs.error!.data as Float32Array)]).toEqual([-2, 1, -1]);
  let last = first;
  for (let i = 0; i < 400; i++) last = await step.run(feeds, 0.05);
  expect(last.loss).toBeLessThan(1e-4);
  expect(step.parameters.get("w")!.data[0]).toBeCloseTo(2, 1);
  expect(step.averages().get("w")!.data[1]).toBeCloseTo(-1, 1);
  expect([...step.parameters.keys()]).toEqual(["w"]);
  await step.close();
});
