import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { cutPatches, hidePatches, normalizePatches, visibleCount } from "./patches.js";

it.each([64, 256, 196])("hides exactly three quarters of %i patches", (count) => {
  const { visible, hidden } = hidePatches(createRandom(3), count, 0.75);
  expect(new Set(visible).size).toBe(count / 4);
  expect(hidden.reduce((sum, value) => sum + value, 0)).toBe((3 * count) / 4);
  for (const patch of visible) expect(hidden[patch]).toBe(0);
});

it("hides the same patches for the same seed, others for another", () => {
  const visibleOf = (seed: number) => hidePatches(createRandom(seed), 64, 0.75).visible;
  expect(visibleOf(1)).toEqual(visibleOf(1));
  expect(visibleOf(1)).not.toEqual(visibleOf(2));
});

it("hides every patch as often", () => {
  const random = createRandom(5);
  const sums = new Float32Array(16);
  for (let i = 0; i < 4000; i++) {
    const { hidden } = hidePatches(random, 16, 0.75);
    for (const [patch, value] of hidden.entries()) sums[patch] += value / 4000;
  }
  for (const share of sums) expect(Math.abs(share - 0.75)).toBeLessThan(0.03);
});

it("counts the visible patches to the nearest whole number", () => {
  expect([visibleCount(64, 0.75), visibleCount(10, 0.9), visibleCount(9, 0.75)]).toEqual([16, 1, 2]);
});

it("cuts an image row by row; a patch has channel, row and column", () => {
  // Values are channel · 100 + row · 10 + column.
  const image = Float32Array.from(
    { length: 3 * 4 * 4 },
    (_, i) => 100 * Math.floor(i / 16) + 10 * (Math.floor(i / 4) % 4) + (i % 4),
  );
  const patches = cutPatches(image, 4, 2);
  expect([...patches.subarray(0, 12)]).toEqual([0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211]);
  expect([...patches.subarray(12, 16)]).toEqual([2, 3, 12, 13]);
  expect([...patches.subarray(24, 28)]).toEqual([20, 21, 30, 31]);
});

it("normalises each patch by its own mean and deviation", () => {
  const normalized = normalizePatches(Float32Array.of(1, 2, 3, 4, 7, 7, 7, 7), 4);
  // Mean 2.5, sum of squares 5, unbiased variance 5/3.
  const deviation = Math.sqrt(5 / 3);
  const expected = [-1.5, -0.5, 0.5, 1.5].map((value) => value / deviation);
  for (const [i, value] of [...expected, 0, 0, 0, 0].entries()) expect(normalized[i]).toBeCloseTo(value, 5);
});
