import { expect, it } from "vitest";
import { learningRateAt } from "./learning-rate.js";

const base = { learningRate: 1, steps: 90, warmup: 0 };

it("falls to 0 as a cosine", () => {
  const at = (step: number) => learningRateAt(step, { ...base, schedule: "cosine" });
  expect(at(0)).toBe(1);
  expect(at(30)).toBeCloseTo(0.75, 9);
  expect(at(45)).toBeCloseTo(0.5, 9);
  expect(at(89)).toBeLessThan(0.001);
});

it("falls to a tenth after 60 of 90 steps, and to a hundredth near the end", () => {
  const at = (step: number) => learningRateAt(step, { ...base, schedule: "step" });
  expect([at(59), at(60), at(86), at(87)].map((rate) => Number(rate.toFixed(6)))).toEqual([
    1, 0.1, 0.1, 0.01,
  ]);
});

it("falls after the steps of the paper's run of 90,000", () => {
  const settings = { learningRate: 8e-4, steps: 90_000, warmup: 250, schedule: "step" } as const;
  const at = [249, 250, 59_999, 60_000, 86_665, 86_666, 89_999].map((step) => learningRateAt(step, settings));
  const expected = [(8e-4 * 250) / 251, 8e-4, 8e-4, 8e-5, 8e-5, 8e-6, 8e-6];
  at.forEach((rate, i) => {
    expect(rate).toBeCloseTo(expected[i]!, 12);
  });
});

it("rises evenly at first", () => {
  const at = (step: number) => learningRateAt(step, { ...base, warmup: 4, schedule: "constant" });
  expect([0, 1, 2, 3, 4, 50].map(at)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1]);
});
