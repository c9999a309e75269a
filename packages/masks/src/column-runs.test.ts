import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnRunsOf, isInsideRuns, runsOfColumns } from "./column-runs.js";
import { maskToRuns } from "./dense-runs.js";
import { maskArbitrary, maskOf, noiseMask } from "./testing/masks.js";

const columnsOf = (rows: readonly string[]) => columnRunsOf(maskToRuns(maskOf(rows)));

describe("column runs", () => {
  it("are split where a column ends", () => {
    const { left, starts, tops, bottoms } = columnsOf(["0010", "0110", "0111"]);
    expect(left).toBe(1);
    expect([...starts]).toEqual([0, 1, 2, 3]);
    expect([...tops]).toEqual([1, 0, 2]);
    expect([...bottoms]).toEqual([3, 3, 3]);
  });

  it("join across empty runs", () => {
    const { starts, tops, bottoms } = columnRunsOf({
      width: 2,
      height: 4,
      counts: Uint32Array.of(1, 1, 0, 1, 1, 0, 0, 2, 2),
    });
    expect([[...starts], [...tops], [...bottoms]]).toEqual([
      [0, 1, 2],
      [1, 0],
      [3, 2],
    ]);
  });

  it("begin with the first pixel inside, whatever empty runs come before", () => {
    const columns = columnRunsOf({ width: 2, height: 2, counts: Uint32Array.of(0, 0, 3, 1) });
    expect(columns).toEqual(columnsOf(["00", "01"]));
  });

  it("leave columns without a pixel empty", () => {
    expect([...columnsOf(["010010", "010010"]).starts]).toEqual([0, 1, 1, 1, 2]);
  });

  it("of an empty mask contain nothing", () => {
    for (const rows of [["00", "00"], []]) {
      const columns = columnsOf(rows);
      expect(isInsideRuns(columns, 0, 0)).toBe(false);
      expect([...columns.starts]).toEqual([0]);
    }
  });

  it("contain exactly the mask's pixels, and make up its runs again", () => {
    fc.assert(
      fc.property(maskArbitrary, (mask) => {
        const runs = maskToRuns(mask);
        const columns = columnRunsOf(runs);
        expect(runsOfColumns(columns, mask)).toEqual(runs);
        for (let y = -1; y <= mask.height; y++) {
          for (let x = -1; x <= mask.width; x++) {
            const within = x >= 0 && y >= 0 && x < mask.width && y < mask.height;
            const inside = within && mask.data[y * mask.width + x] === 1;
            expect(isInsideRuns(columns, x, y)).toBe(inside);
          }
        }
      }),
    );
    const large = maskToRuns(noiseMask(143, 98, 0.5));
    expect(runsOfColumns(columnRunsOf(large), large)).toEqual(large);
  });
});
