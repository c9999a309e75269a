import fc from "fast-check";
import { expect, test } from "vitest";
import { gridPlaces, windowPlaces } from "./window-places.js";

test("a grid of three in windows of two reaches beyond the grid at the right and below", () => {
  expect(windowPlaces(3, 2)).toEqual([0, 1, 3, 4, 2, 9, 5, 9, 6, 7, 9, 9, 8, 9, 9, 9]);
  expect(gridPlaces(3, 2)).toEqual([0, 1, 4, 2, 3, 6, 8, 9, 12]);
});

test("every token comes back from its window", () => {
  const extent = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(extent, extent, (grid, window) => {
      const places = windowPlaces(grid, window);
      expect(gridPlaces(grid, window).map((place) => places[place])).toEqual(
        Array.from({ length: grid * grid }, (_, i) => i),
      );
    }),
  );
});
