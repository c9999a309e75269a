import { describe, expect, it } from "vitest";
import { columnRunsOf } from "./column-runs.js";
import { maskToRuns } from "./dense-runs.js";
import { maskOf } from "./testing/masks.js";
import { type Ring, traceRuns } from "./trace-runs.js";

// That any mask's rings fill to it again is tested where they are polygons.

const ringsOf = (rows: readonly string[]) =>
  traceRuns(columnRunsOf(maskToRuns(maskOf(rows)))).map(({ ring }) => turned(ring));

/** The same ring whatever corner it begins with. */
function turned(ring: Ring): string {
  const corners = Array.from({ length: ring.length / 2 }, (_, i) => `${ring[2 * i]},${ring[2 * i + 1]}`);
  const first = corners.indexOf([...corners].sort()[0]!);
  return [...corners.slice(first), ...corners.slice(0, first)].join(" ");
}

describe("tracing column runs", () => {
  it("goes around a region clockwise and around its hole anticlockwise", () => {
    expect(ringsOf(["11110", "10010", "11110"])).toEqual(["0,0 4,0 4,3 0,3", "1,1 1,2 3,2 3,1"]);
  });

  it("keeps regions apart that meet only at a corner, in the order of their columns", () => {
    expect(ringsOf(["01", "10"])).toEqual(["0,1 1,1 1,2 0,2", "1,0 2,0 2,1 1,1"]);
  });

  it("goes in one ring around holes that meet at a corner", () => {
    expect(ringsOf(["1111", "1011", "1101", "1111"])).toEqual([
      "0,0 4,0 4,4 0,4",
      "1,1 1,2 2,2 2,3 3,3 3,2 2,2 2,1",
    ]);
  });

  it("names a run that each ring passes over", () => {
    const columns = columnRunsOf(maskToRuns(maskOf(["1011", "1011"])));
    expect(traceRuns(columns).map(({ run }) => run)).toEqual([0, 1]);
  });

  it("of an empty mask gives none", () => {
    expect(ringsOf(["00", "00"])).toEqual([]);
  });
});
