import { expect, it } from "vitest";
import { embeddingLoss } from "./feature-loss.js";

it("is the mean of squared differences over all feature maps; its gradients are twice these", () => {
  const map = (...values: number[]) =>
    ({ dtype: "float32", shape: [values.length], data: Float32Array.from(values) }) as const;
  const { loss, gradients } = embeddingLoss({ a: map(1, 2, 3), b: map(5) }, { a: map(1, 0, 4), b: map(2) });
  expect(loss).toBe((0 + 4 + 1 + 9) / 4);
  expect([...gradients.get("a")!]).toEqual([0, 1, -0.5]);
  expect([...gradients.get("b")!]).toEqual([1.5]);
});
