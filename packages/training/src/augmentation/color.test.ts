import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { adjustColor, drawColor } from "./color.js";

/** Two pixels: luma 0.2989·100 + 0.587·50 + 0.114·200 = 82.04, and 20. */
const image = { width: 2, height: 1, data: Uint8ClampedArray.of(100, 50, 200, 9, 20, 20, 20, 255) };
const adjusted = (...factors: [number, number, number]) => [...adjustColor(image, factors).data];

it("multiplies by brightness, up to white", () => {
  expect(adjusted(1.5, 1, 1)).toEqual([150, 75, 255, 9, 30, 30, 30, 255]);
  expect(adjusted(0, 1, 1)).toEqual([0, 0, 0, 9, 0, 0, 0, 255]);
});

it("moves from the mean luma with contrast", () => {
  // The mean is (82.04 + 19.998) / 2 = 51.019.
  expect(adjusted(1, 0, 1)).toEqual([51, 51, 51, 9, 51, 51, 51, 255]);
  expect(adjusted(1, 2, 1)).toEqual([149, 49, 255, 9, 0, 0, 0, 255]);
});

it("moves from each pixel's own luma with saturation", () => {
  expect(adjusted(1, 1, 0)).toEqual([82, 82, 82, 9, 20, 20, 20, 255]);
  expect(adjusted(1, 1, 1.5)).toEqual([109, 34, 255, 9, 20, 20, 20, 255]);
  expect(adjusted(1, 1, 1)).toEqual([...image.data]);
});

it("draws evenly around 1, and nothing where nothing changes", () => {
  const random = createRandom(1);
  const before = random.state();
  expect(drawColor(random, { brightness: 0 })).toBeUndefined();
  expect(random.state()).toEqual(before);
  const drawn = Array.from({ length: 2000 }, () =>
    drawColor(random, { brightness: 0.4, contrast: 0.2, saturation: 0 }),
  );
  for (const [i, range] of [0.4, 0.2, 0].entries()) {
    const factors = drawn.map((factor) => factor![i]!);
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(1 - range);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1 + range);
    expect(Math.max(...factors) - Math.min(...factors)).toBeGreaterThan(1.9 * range - 1e-9);
    expect(factors.reduce((sum, factor) => sum + factor, 0) / 2000).toBeCloseTo(1, 1);
  }
});
