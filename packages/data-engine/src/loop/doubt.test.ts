import { expect, it } from "vitest";
import { doubtOf } from "./doubt.js";

it("is the share of bad masks to expect", () => {
  expect(doubtOf([])).toBe(1);
  expect(doubtOf([0, 0])).toBe(1);
  expect(doubtOf([1, 1, 0])).toBe(0);
  expect(doubtOf([0.5])).toBe(0.5);
  expect(doubtOf([1, 0.5])).toBeCloseTo(1 - 1.25 / 1.5);
  expect(doubtOf([0.9])).toBeLessThan(doubtOf([0.9, 0.3]));
});
