import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskToPolygons } from "./polygons.js";
import { polygonsToMask } from "./polygons-to-mask.js";
import { labelRegions } from "./regions.js";
import { maskArbitrary, maskOf, noiseMask } from "./testing/masks.js";
import type { Ring } from "./trace-runs.js";
import type { Mask } from "./types.js";

/** Area of a ring in pixels; positive when it runs clockwise, y downwards. */
function signedArea(ring: Ring): number {
  let twice = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    twice += ring[i]! * ring[next + 1]! - ring[next]! * ring[i + 1]!;
  }
  return twice / 2;
}

function turnsEverywhere(ring: Ring): boolean {
  return ring.every((_, i) => {
    const at = (offset: number): number => ring[(i + offset) % ring.length]!;
    return i % 2 === 1 || (at(0) === at(2)) !== (at(2) === at(4));
  });
}

describe("polygons of a mask", () => {
  it("run along pixel edges, outlines clockwise and holes anticlockwise", () => {
    const mask = maskOf(["11110", "10010", "11110"]);
    expect(maskToPolygons(mask)).toEqual([
      { outer: [4, 0, 4, 3, 0, 3, 0, 0], holes: [[1, 1, 1, 2, 3, 2, 3, 1]] },
    ]);
  });

  it("keep every pixel corner when asked to", () => {
    expect(maskToPolygons(maskOf(["11"]), { simplify: false })).toEqual([
      { outer: [1, 0, 2, 0, 2, 1, 1, 1, 0, 1, 0, 0], holes: [] },
    ]);
  });

  it("are apart where pixels meet only at a corner, and lie in holes of others", () => {
    expect(maskToPolygons(maskOf(["10", "01"]))).toHaveLength(2);
    const target = maskOf(["11111", "10001", "10101", "10001", "11111"]);
    const [ring, dot] = maskToPolygons(target);
    expect(ring!.holes).toHaveLength(1);
    expect(dot).toEqual({ outer: [3, 2, 3, 3, 2, 3, 2, 2], holes: [] });
  });

  it("fill to exactly the mask, one for each region, with its area", () => {
    fc.assert(
      fc.property(maskArbitrary, fc.boolean(), (mask, simplify) => {
        const polygons = maskToPolygons(mask, { simplify });
        expect(polygonsToMask(polygons, mask)).toEqual(mask);
        const areas = polygons.map(({ outer, holes }) =>
          [outer, ...holes].reduce((sum, ring) => sum + signedArea(ring), 0),
        );
        expect(areas).toEqual([...labelRegions(mask, { connectivity: 4 }).areasPx.subarray(1)]);
        for (const { outer, holes } of polygons) {
          expect(signedArea(outer)).toBeGreaterThan(0);
          for (const hole of holes) expect(signedArea(hole)).toBeLessThan(0);
          if (simplify) expect([outer, ...holes].every(turnsEverywhere)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("fill to exactly a mask of large noise", () => {
    const mask = noiseMask(143, 98, 0.6);
    expect(polygonsToMask(maskToPolygons(mask), mask)).toEqual(mask);
  });

  it("follow regions that touch themselves at corners", () => {
    const mask = maskOf(["0110", "1001", "1010", "0100"]);
    const closing = maskOf(["1110", "1001", "1011", "0110"]);
    for (const each of [mask, closing]) expect(polygonsToMask(maskToPolygons(each), each)).toEqual(each);
  });
});

describe("filling polygons", () => {
  const size = { width: 6, height: 4 };
  const fill = (...rings: Ring[]): Mask =>
    polygonsToMask(
      rings.map((outer) => ({ outer, holes: [] })),
      size,
    );

  it("takes pixels whose centre is inside, whatever the direction", () => {
    const triangle = [0, 0, 4, 0, 0, 4];
    const expected = maskOf(["111000", "110000", "100000", "000000"]);
    expect(fill(triangle)).toEqual(expected);
    expect(fill([0, 4, 4, 0, 0, 0])).toEqual(expected);
  });

  it("cuts off what lies outside the image", () => {
    expect(fill([-9, -9, 2, -9, 2, 99, -9, 99])).toEqual(maskOf(["110000", "110000", "110000", "110000"]));
    expect(fill([7, 0, 9, 0, 9, 4, 7, 4]).data).not.toContain(1);
  });

  it("leaves out what is covered twice", () => {
    expect(fill([0, 0, 4, 0, 4, 4, 0, 4], [2, 0, 6, 0, 6, 4, 2, 4])).toEqual(maskOf(Array(4).fill("110011")));
  });

  it("refuses half a corner and coordinates that are no numbers", () => {
    expect(() => fill([1, 2, 3])).toThrow(/3 coordinates/);
    expect(() => fill([1, 2, Number.NaN, 4])).toThrow(/Coordinate 2 of a ring is NaN/);
  });
});
