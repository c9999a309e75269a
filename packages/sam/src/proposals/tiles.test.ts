import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildPointGrid } from "../mask-generator/point-grid.js";
import { tilesOf } from "./tiles.js";

describe("tiles of points", () => {
  it("holds sixteen points each for the usual grid on a square image", () => {
    const tiles = tilesOf(
      buildPointGrid(32),
      { inputSize: { width: 1024, height: 1024 } },
      { maxBatch: 16, windowPx: 256 },
    );
    expect(tiles.map(({ points }) => points.length)).toEqual(Array(64).fill(16));
    expect(tiles[0]!.centre).toEqual([64, 64]);
    expect(tiles[63]!.centre).toEqual([960, 960]);
  });

  it("gives every point once, at most so many together, and each within its tile", () => {
    const sizes = fc.record({
      width: fc.integer({ min: 1, max: 1024 }),
      height: fc.integer({ min: 1, max: 1024 }),
    });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 16 }),
        (inputSize, side, most) => {
          const grid = buildPointGrid(side);
          const tiles = tilesOf(grid, { inputSize }, { maxBatch: most, windowPx: 256 });
          expect(new Set(tiles.flatMap(({ points }) => points))).toEqual(new Set(grid));
          expect(tiles.flatMap(({ points }) => points)).toHaveLength(grid.length);
          for (const { points, centre } of tiles) {
            expect(points.length).toBeLessThanOrEqual(most);
            for (const [x, y] of points) {
              expect(Math.abs(x * inputSize.width - centre[0])).toBeLessThanOrEqual(64);
              expect(Math.abs(y * inputSize.height - centre[1])).toBeLessThanOrEqual(64);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
