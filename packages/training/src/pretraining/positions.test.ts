import { expect, it } from "vitest";
import { sinCosPositions } from "./positions.js";

it("has sines and cosines of the column, then of the row", () => {
  const [sin, cos] = [Math.sin(1), Math.cos(1)];
  const expected = [0, 1, 0, 1, sin, cos, 0, 1, 0, 1, sin, cos, sin, cos, sin, cos];
  for (const [i, value] of sinCosPositions(2, 4).entries()) expect(value).toBeCloseTo(expected[i], 6);
});

it("has lower frequencies in later channels", () => {
  const [, second] = [0, 1].map((cell) => sinCosPositions(2, 8).subarray(8 * cell, 8 * cell + 8));
  expect(second[0]).toBeCloseTo(Math.sin(1), 6);
  expect(second[1]).toBeCloseTo(Math.sin(1 / 100), 6);
});

it("needs a multiple of four channels", () => {
  expect(() => sinCosPositions(2, 6)).toThrow(expect.objectContaining({ code: "option-invalid" }));
});
