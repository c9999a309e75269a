import { encodeRle, maskToPolygons, type Ring } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInsideRuns, splitByColumns } from "./column-runs.js";
import { anyMask, maskOf, rleOf } from "./testing/masks.js";
import { traceRuns } from "./trace-runs.js";

/** The same ring whatever corner it begins with. */
function turned(ring: Ring): string {
  const corners = Array.from({ length: ring.length / 2 }, (_, i) => `${ring[2 * i]},${ring[2 * i + 1]}`);
  const first = corners.indexOf([...corners].sort()[0]!);
  return [...corners.slice(first), ...corners.slice(0, first)].join(" ");
}

function sortedRings(rings: readonly Ring[]): string[] {
  return rings.map(turned).sort();
}

describe("column runs", () => {
  it("are split where a column ends", () => {
    const runs = splitByColumns(rleOf(["0010", "0110", "0111"]));
    expect(runs.left).toBe(1);
    expect([...runs.starts]).toEqual([0, 1, 2, 3]);
    expect([...runs.tops]).toEqual([1, 0, 2]);
    expect([...runs.bottoms]).toEqual([3, 3, 3]);
  });

  it("join across empty runs", () => {
    const runs = splitByColumns({ size: [4, 1], counts: [1, 1, 0, 1, 1] });
    expect([...runs.tops]).toEqual([1]);
    expect([...runs.bottoms]).toEqual([3]);
  });

  it("of an empty mask contain nothing", () => {
    const runs = splitByColumns(rleOf(["00", "00"]));
    expect(isInsideRuns(runs, 0, 0)).toBe(false);
    expect(traceRuns(runs)).toEqual([]);
  });

  it("contain exactly the mask's pixels", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        const runs = splitByColumns(encodeRle(mask));
        for (let y = -1; y <= mask.height; y++) {
          for (let x = -1; x <= mask.width; x++) {
            const within = x >= 0 && y >= 0 && x < mask.width && y < mask.height;
            const inside = within && mask.data[y * mask.width + x] === 1;
            expect(isInsideRuns(runs, x, y)).toBe(inside);
          }
        }
      }),
    );
  });
});

describe("tracing column runs", () => {
  it("goes around a region clockwise and around its hole anticlockwise", () => {
    const rings = traceRuns(splitByColumns(encodeRle(maskOf(["11110", "10010", "11110"]))));
    expect(sortedRings(rings)).toEqual(
      sortedRings([
        [0, 0, 4, 0, 4, 3, 0, 3],
        [1, 1, 1, 2, 3, 2, 3, 1],
      ]),
    );
  });

  it("keeps regions apart that meet only at a corner", () => {
    const rings = traceRuns(splitByColumns(rleOf(["10", "01"])));
    expect(sortedRings(rings)).toEqual(
      sortedRings([
        [0, 0, 1, 0, 1, 1, 0, 1],
        [1, 1, 2, 1, 2, 2, 1, 2],
      ]),
    );
  });

  it("gives the rings that the library traces from dense masks", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        const traced = traceRuns(splitByColumns(encodeRle(mask)));
        const expected = maskToPolygons(mask).flatMap(({ outer, holes }) => [outer, ...holes]);
        expect(sortedRings(traced)).toEqual(sortedRings(expected));
      }),
      { numRuns: 500 },
    );
  });
});
