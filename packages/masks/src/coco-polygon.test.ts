import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxToRle, cocoPolygonsToRle } from "./coco-polygon.js";
import type { BoxXywh } from "./frames.js";
import { maskToPolygons } from "./polygons.js";
import { encodeRle } from "./rle.js";
import { readFixture } from "./testing/fixtures.js";
import { maskArbitrary, maskOf } from "./testing/masks.js";
import { slowCocoPolygon } from "./testing/slow-polygon.js";

interface PolygonCase {
  readonly note: string;
  readonly size: [number, number];
  readonly polygons: number[][];
  readonly counts: string;
}

const golden = readFixture<{
  polygons: PolygonCase[];
  boxes: { size: [number, number]; boxXywh: BoxXywh; counts: string }[];
}>("coco-polygons/polygons.json");

describe("COCO polygons", () => {
  it.each(golden.polygons.map((each, i) => [`${i}, ${each.note}`, each] as const))(
    "are filled as by the COCO tools: %s",
    (_, { size, polygons, counts }) => {
      const [height, width] = size;
      expect(cocoPolygonsToRle(polygons, { width, height })).toEqual({ size, counts });
    },
  );

  it("agree with the COCO tools on boxes with and without fractions", () => {
    for (const { size, boxXywh, counts } of golden.boxes) {
      const [height, width] = size;
      expect(boxToRle(boxXywh, { width, height })).toEqual({ size, counts });
    }
  });

  it("along pixel edges give exactly the pixels", () => {
    expect(boxToRle([1, 0, 2, 2], { width: 4, height: 3 })).toEqual(
      encodeRle(maskOf(["0110", "0110", "0000"])),
    );
    fc.assert(
      fc.property(maskArbitrary, (mask) => {
        const outlines = maskToPolygons(mask).filter(({ holes }) => holes.length === 0);
        fc.pre(outlines.length === maskToPolygons(mask).length);
        expect(
          cocoPolygonsToRle(
            outlines.map(({ outer }) => outer),
            mask,
          ),
        ).toEqual(encodeRle(mask));
      }),
    );
  });

  it("are filled as walking along every outline point by point does", () => {
    // Fifths of a pixel, and halves of them, so that many crossings are ties.
    const coordinate = fc.integer({ min: -60, max: 160 }).map((tenths) => tenths / 10);
    const corners = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(corners, fc.constantFrom([9, 7], [4, 12]), (points, [width, height]) => {
        const size = { width: width!, height: height! };
        expect(cocoPolygonsToRle([points.flat()], size)).toEqual(
          encodeRle(slowCocoPolygon(points.flat(), size)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("may have coordinates of up to 400 million", () => {
    const triangle = (far: number) => () =>
      cocoPolygonsToRle([[0, 0, far, 0, far, -far]], { width: 2, height: 2 });
    expect(triangle(400_000_000)()).toEqual(encodeRle(maskOf(["00", "00"])));
    expect(triangle(400_000_001)).toThrow(/Coordinate 2 of polygon 0 is 400000001/);
    expect(() => cocoPolygonsToRle([[Number.NaN, 0, 1, 0, 1, 1]], { width: 2, height: 2 })).toThrow(
      /Coordinate 0 of polygon 0 is NaN/,
    );
  });

  it("of no number give an empty mask", () => {
    expect(cocoPolygonsToRle([], { width: 4, height: 3 })).toEqual(
      encodeRle(maskOf(["0000", "0000", "0000"])),
    );
  });

  it("are refused with too few corners or coordinates that are no usable numbers", () => {
    const size = { width: 4, height: 3 };
    expect(() => cocoPolygonsToRle([[1, 2, 3, 4]], size)).toThrow(/Polygon 0 has 4 coordinates/);
    expect(() => cocoPolygonsToRle([[1, 2, 3, 4, 5, 6, 7]], size)).toThrow(/has 7 coordinates/);
    expect(() => cocoPolygonsToRle([[1, 2, 3, 4, 5, Number.NaN]], size)).toThrow(
      /Coordinate 5 of polygon 0 is NaN/,
    );
    expect(() => cocoPolygonsToRle([[1, 2, 3, 1e9, 5, 6]], size)).toThrow(/at most 400000000/);
  });
});
