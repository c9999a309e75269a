import { expect, it } from "vitest";
import { everythingThresholds, type JudgedMask } from "./everything-thresholds.js";

const masks = (...scores: readonly (readonly [number, number, number])[]): JudgedMask[] =>
  scores.map(([actualIou, predictedIou, stability]) => ({ actualIou, predictedIou, stability }));

it("nine of ten good masks pass thresholds of everything mode, whatever bad ones score", () => {
  const good = Array.from({ length: 10 }, (_, i) => [0.7, 0.405 + i / 20, 0.305 + i / 20] as const);
  // The lowest of each is left below; the next ones are .455 and .355.
  expect(everythingThresholds(masks(...good, [0.4, 0.1, 0.1]))).toEqual({
    predIouThresh: 0.45,
    stabilityScoreThresh: 0.35,
  });
});

it("thresholds are strictly below the scores that are to pass: a predicted IoU must be above its own", () => {
  expect(everythingThresholds(masks([0.9, 0.5, 0.5]))).toEqual({
    predIouThresh: 0.49,
    stabilityScoreThresh: 0.49,
  });
});

it("are never stricter than the defaults, nor below 0, and the defaults without a good mask", () => {
  const defaults = { predIouThresh: 0.88, stabilityScoreThresh: 0.95 };
  expect(everythingThresholds(masks([0.9, 0.99, 0.99]))).toEqual(defaults);
  expect(everythingThresholds(masks([0.49, 0.1, 0.1]))).toEqual(defaults);
  expect(everythingThresholds([])).toEqual(defaults);
  expect(everythingThresholds(masks([0.9, -0.1, 0]))).toEqual({ predIouThresh: 0, stabilityScoreThresh: 0 });
});
