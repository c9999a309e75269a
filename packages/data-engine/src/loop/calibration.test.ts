import { createRandom } from "@segany/training";
import { describe, expect, it } from "vitest";
import { fitLogistic, probability } from "../stages/logistic-regression.js";
import { shareInterval } from "../stages/share-interval.js";
import { calibrationError, precisionAt, thresholdFor } from "./calibration.js";

describe("logistic regression", () => {
  it("finds the probabilities that labels were drawn from", () => {
    const random = createRandom(1);
    const truth = (x: number, y: number) => 1 / (1 + Math.exp(-(0.5 + 2 * x - y)));
    const samples = Array.from({ length: 4000 }, () => [random.unit() * 4 - 2, random.unit() * 40 - 20]);
    const labels = samples.map(([x, y]) => random.unit() < truth(x!, y! / 10));
    const model = fitLogistic(samples, labels);
    for (const [x, y] of [
      [0, 0],
      [1, 10],
      [-1, 10],
      [1, -10],
    ] as const)
      expect(Math.abs(probability(model, [x, y]) - truth(x, y / 10))).toBeLessThan(0.04);
  });

  it("stays finite where a feature tells all apart, or is the same everywhere", () => {
    const model = fitLogistic(
      [
        [0, 7],
        [1, 7],
        [2, 7],
        [3, 7],
      ],
      [false, false, true, true],
    );
    expect(model.weights.every(Number.isFinite)).toBe(true);
    expect(probability(model, [0, 7])).toBeLessThan(0.5);
    expect(probability(model, [3, 7])).toBeGreaterThan(0.5);
  });
});

describe("calibration", () => {
  const judged = [
    { confidence: 0.95, good: true },
    { confidence: 0.95, good: true },
    { confidence: 0.65, good: false },
    { confidence: 0.65, good: true },
    { confidence: 0.15, good: false },
  ];

  it("is the distance between confidence and share, by bins", () => {
    // Bins: |1.9 - 2| + |1.3 - 1| + |.15 - 0|, over five.
    expect(calibrationError(judged)).toBeCloseTo((0.1 + 0.3 + 0.15) / 5, 12);
    expect(calibrationError([])).toBe(0);
  });

  it("chooses the lowest confidence that is precise enough", () => {
    expect(thresholdFor(judged, 0.9)).toBe(0.95);
    expect(thresholdFor(judged, 0.75)).toBe(0.65);
    expect(thresholdFor(judged, 0.6)).toBe(0.15);
    expect(thresholdFor(judged.slice(4), 0.5)).toBeNull();
    expect(precisionAt(judged, 0.65)).toBe(0.75);
    expect(precisionAt(judged, 0.99)).toBeNull();
  });

  it("gives shares an interval", () => {
    // Wilson's interval of 8 in 10 (Brown et al. 2001).
    const [low, high] = shareInterval(8, 10);
    expect([low, high].map((value) => Number(value.toFixed(3)))).toEqual([0.49, 0.943]);
    expect(shareInterval(0, 0)).toEqual([0, 1]);
  });
});
