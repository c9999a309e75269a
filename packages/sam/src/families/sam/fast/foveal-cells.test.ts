import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fovealCellCount, fovealCells, fovealWeights } from "./foveal-cells.js";

describe("foveal cells", () => {
  it("are those of the window, then one of each block elsewhere", () => {
    const { cells, x, y } = fovealCells(8, 4, 6, 1);
    expect([x, y]).toEqual([4, 0]);
    expect([...cells.subarray(0, 5)]).toEqual([4, 5, 6, 7, 12]);
    expect([...cells.subarray(16)]).toEqual([2 * 8 + 2, 6 * 8 + 2, 6 * 8 + 6]);
    expect([...fovealWeights(8, 4)].map((weight) => Math.round(Math.exp(weight)))).toEqual([
      ...Array(16).fill(1),
      16,
      16,
      16,
    ]);
  });

  it("stand for every cell once, wherever the window is asked for", () => {
    const place = fc.double({ min: -10, max: 80, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(4, 16, 32, 64), place, place, (window, centreX, centreY) => {
        const { cells, x, y } = fovealCells(64, window, centreX, centreY);
        expect(cells).toHaveLength(fovealCellCount(64, window));
        expect(new Set(cells).size).toBe(cells.length);
        const represented = fovealWeights(64, window).reduce((sum, weight) => sum + Math.exp(weight), 0);
        expect(represented).toBeCloseTo(64 * 64, 1);
        expect(x + window).toBeLessThanOrEqual(64);
        expect(y + window).toBeLessThanOrEqual(64);
        expect(cells[0]).toBe(y * 64 + x);
      }),
    );
  });

  it("refuses a window that is no whole number of blocks", () => {
    expect(() => fovealCells(64, 10, 0, 0)).toThrow(/A window of 10 cells does not fit/);
    expect(() => fovealCells(8, 12, 0, 0)).toThrow(/does not fit an embedding of 8/);
  });
});
