import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bootstrap, meanSamples, percentileIntervals } from "./bootstrap.js";
import { maskedIou } from "./masked-iou.js";
import { definedMetrics, mean, meanOverSets } from "./metrics.js";
import { iouAfterClicks, numberOfClicks } from "./number-of-clicks.js";
import { createRandom } from "./random.js";

describe("numberOfClicks", () => {
  it("is the first click that reaches the target, and the limit when none does", () => {
    expect(numberOfClicks([0.2, 0.86, 0.8, 0.91], 0.85)).toBe(2);
    expect(numberOfClicks([0.2, 0.86, 0.8, 0.91], 0.9)).toBe(4);
    expect(numberOfClicks([0.2, 0.85, 0.9], 0.85)).toBe(2); // exactly the target has reached it
    expect(numberOfClicks([0.9, 0.3], 0.85)).toBe(1);
    expect(numberOfClicks([0.2, 0.3], 0.9)).toBe(20);
    expect(numberOfClicks([...new Array<number>(20).fill(0), 1], 0.9)).toBe(20);
  });

  it("keeps the last IoU when the clicks ended early", () => {
    expect(iouAfterClicks([0.4, 1], 9)).toBe(1);
    expect(iouAfterClicks([0.4, 1], 1)).toBe(0.4);
  });
});

describe("meanOverSets", () => {
  it("gives every set the same weight and leaves out sets without a metric", () => {
    expect(meanOverSets([{ a: 1, b: 0.5 }, { a: 0 }])).toEqual({ a: 0.5, b: 0.5 });
  });
});

describe("definedMetrics", () => {
  it("leaves out what could not be computed", () => {
    expect(definedMetrics({ a: 1, b: Number.NaN, c: Number.POSITIVE_INFINITY, d: 0 })).toEqual({
      a: 1,
      d: 0,
    });
  });
});

describe("maskedIou", () => {
  const mask = (...data: number[]) => ({ width: data.length, height: 1, data: Uint8Array.from(data) });

  it("leaves ignored pixels out of both masks", () => {
    expect(maskedIou(mask(1, 1, 0, 0), mask(1, 1, 1, 1))).toBe(0.5);
    expect(maskedIou(mask(1, 1, 0, 0), mask(1, 1, 1, 1), mask(0, 0, 0, 1))).toBeCloseTo(2 / 3, 12);
    expect(maskedIou(mask(0, 1), mask(0, 1), mask(0, 1))).toBe(0);
  });
});

describe("bootstrap", () => {
  const values = [0.1, 0.4, 0.4, 0.9, 0.7, 0.2, 0.5, 0.6];
  /** The mean of values that count as often as their weights say. */
  const statistic = (weights: readonly number[]) => ({
    mean: values.reduce((sum, value, i) => sum + weights[i] * value, 0) / weights.reduce((a, b) => a + b),
  });

  it("draws as many images as there are, and the same ones for the same seed", () => {
    const totals: number[] = [];
    const keep = (weights: readonly number[]) => {
      totals.push(weights.reduce((a, b) => a + b, 0));
      return statistic(weights);
    };
    const first = bootstrap(8, keep, { rounds: 50, seed: 3 });
    expect(new Set(totals)).toEqual(new Set([8]));
    expect(bootstrap(8, statistic, { rounds: 50, seed: 3 })).toEqual(first);
    expect(bootstrap(8, statistic, { rounds: 50, seed: 4 })).not.toEqual(first);
  });

  it("spreads as the standard error of a mean says", () => {
    const samples = bootstrap(8, statistic, { rounds: 4000, seed: 1 });
    const { low, high } = percentileIntervals(samples).mean!;
    const centre = mean(values);
    const variance = mean(values.map((value) => (value - centre) ** 2));
    expect(high - low).toBeCloseTo(2 * 1.96 * Math.sqrt(variance / 8), 1);
    expect((low + high) / 2).toBeCloseTo(centre, 1);
  });

  it("takes quantiles between neighbours, and means over sets round by round", () => {
    expect(percentileIntervals([{ a: 1 }, { a: 0 }]).a).toEqual({ low: 0.025, high: 0.975 });
    const { low, high } = percentileIntervals([{ a: 10 }, {}, { a: 0 }, { a: 1 }]).a!;
    expect(low).toBeCloseTo(0.05, 12);
    expect(high).toBeCloseTo(9.55, 12);
    expect(percentileIntervals([{ a: 0.5 }]).a).toEqual({ low: 0.5, high: 0.5 });
    expect(
      meanSamples([
        [{ a: 0 }, { a: 1 }],
        [{ a: 1 }, { a: 1 }],
      ]),
    ).toEqual([{ a: 0.5 }, { a: 1 }]);
    expect(meanSamples([[{ a: 0 }, { a: 1 }], [{ a: 1 }]])).toEqual([{ a: 0.5 }]);
  });
});

describe("createRandom", () => {
  it("is mulberry32", () => {
    const random = createRandom(1);
    expect([random(), random(), random()]).toEqual([
      0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
    ]);
    expect(createRandom(-1)()).toBe(createRandom(2 ** 32 - 1)());
  });

  it("stays in [0, 1) and is spread evenly", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const values = Array.from({ length: 2000 }, random);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...values)).toBeLessThan(1);
        expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.05);
      }),
      { numRuns: 20 },
    );
  });
});
