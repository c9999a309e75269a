import fc from "fast-check";
import { expect, test } from "vitest";
import { distanceRows, linearResampling, resampleRows } from "./relative-position.js";

test("distances of three places run from -2 to 2, counted from zero", () => {
  expect(distanceRows(3)).toEqual([2, 1, 0, 3, 2, 1, 4, 3, 2]);
});

test("resampling two rows to four places the new centres between the old ones and repeats the ends", () => {
  expect([...resampleRows(Float32Array.of(0, 10, 4, 30), 2, 4)]).toEqual([0, 10, 1, 15, 3, 25, 4, 30]);
});

test("resampling four rows to two takes the middle of each pair", () => {
  expect([...resampleRows(Float32Array.of(0, 4, 10, 20), 1, 2)]).toEqual([2, 15]);
});

test("a table that has the wanted length is left as it is", () => {
  const table = Float32Array.of(1, 2, 3);
  expect(resampleRows(table, 1, 3)).toBe(table);
});

test("every resampled row is a weighted mean of old rows", () => {
  const extent = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(extent, extent, (from, to) => {
      const matrix = linearResampling(from, to);
      for (let row = 0; row < to; row++) {
        const weights = matrix.subarray(row * from, (row + 1) * from);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      }
    }),
  );
});
