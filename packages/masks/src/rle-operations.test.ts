import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRle, encodeRle } from "./rle.js";
import {
  cropRle,
  mergeRles,
  placeRle,
  rleArea,
  rleIntersection,
  rleIou,
  rleToBoxXywh,
} from "./rle-operations.js";
import { readFixture } from "./testing/fixtures.js";
import { maskArbitrary, maskOf, maskPairArbitrary } from "./testing/masks.js";
import type { Rle } from "./types.js";

interface OperationsCase {
  readonly masks: Rle[];
  readonly areas: number[];
  readonly boxesXywh: number[][];
  readonly union: string;
  readonly intersection: string;
  readonly crowd: number[];
  readonly iou: number[][];
  readonly crowdIou: number[][];
}

const { cases } = readFixture<{ cases: OperationsCase[] }>("masks/operations.json");
const drawing = encodeRle(maskOf(["0000", "0110", "0010"]));
const empty = encodeRle(maskOf(["0000", "0000", "0000"]));

describe("operations on run lengths", () => {
  it("give the area and the tight box of a hand-drawn mask", () => {
    expect(rleArea(drawing)).toBe(3);
    expect(rleToBoxXywh(drawing)).toEqual([1, 1, 2, 2]);
    expect(rleToBoxXywh(empty)).toEqual([0, 0, 0, 0]);
  });

  it("agree with the COCO tools on areas, boxes, unions and intersections", () => {
    for (const { masks, areas, boxesXywh, union, intersection } of cases) {
      expect(masks.map(rleArea)).toEqual(areas);
      expect(masks.map(rleToBoxXywh)).toEqual(boxesXywh);
      expect(mergeRles(masks.slice(0, 3)).counts).toBe(union);
      expect(mergeRles(masks.slice(0, 3), { intersect: true }).counts).toBe(intersection);
    }
  });

  it("agree with the COCO tools on IoU, with and without crowds", () => {
    for (const { masks, iou, crowd, crowdIou } of cases) {
      expect(Array.from(rleIou(masks, masks))).toEqual(iou.flat());
      const withCrowd = rleIou(masks, masks, { crowd: crowd.map((flag) => flag === 1) });
      expect(Array.from(withCrowd)).toEqual(crowdIou.flat());
    }
  });

  it("merge and intersect as the pixels do, whatever empty runs there are", () => {
    fc.assert(
      fc.property(maskPairArbitrary, ([a, b]) => {
        const [rleA, rleB] = [encodeRle(a), encodeRle(b)];
        const union = { ...a, data: a.data.map((pixel, i) => pixel | b.data[i]!) };
        const shared = { ...a, data: a.data.map((pixel, i) => pixel & b.data[i]!) };
        expect(mergeRles([rleA, rleB])).toEqual(encodeRle(union));
        expect(mergeRles([rleA, rleB], { intersect: true })).toEqual(encodeRle(shared));
        expect(rleIntersection(rleA, rleB)).toBe(shared.data.reduce((sum, pixel) => sum + pixel, 0));
      }),
    );
    const gaps = { size: [4, 3] as const, counts: [0, 0, 2, 0, 0, 3, 0, 2, 5, 0] };
    const canonical = encodeRle(decodeRle(gaps));
    expect(mergeRles([gaps])).toEqual(canonical);
    expect(mergeRles([gaps, canonical, gaps], { intersect: true })).toEqual(canonical);
    expect(rleIntersection(gaps, canonical)).toBe(rleArea(canonical));
    expect(rleToBoxXywh(gaps)).toEqual(rleToBoxXywh(canonical));
  });

  it("crop and place as copying the pixels does", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(maskArbitrary, share, share, share, share, (mask, ...shares) => {
        const [x, y] = [Math.floor(shares[0] * mask.width), Math.floor(shares[1] * mask.height)];
        const width = Math.round(shares[2] * (mask.width - x));
        const height = Math.round(shares[3] * (mask.height - y));
        const part = new Uint8Array(width * height).map(
          (_, i) => mask.data[(y + Math.floor(i / width)) * mask.width + x + (i % width)]!,
        );
        const cropped = cropRle(encodeRle(mask), [x, y, width, height]);
        expect(cropped).toEqual(encodeRle({ width, height, data: part }));
        const only = mask.data.map((pixel, i) => {
          const [px, py] = [i % mask.width, Math.floor(i / mask.width)];
          return px >= x && px < x + width && py >= y && py < y + height ? pixel : 0;
        });
        expect(placeRle(cropped, x, y, mask)).toEqual(encodeRle({ ...mask, data: only }));
      }),
    );
  });

  it("refuse boxes that leave the image, masks of different images and missing crowd flags", () => {
    expect(() => cropRle(drawing, [2, 0, 3, 3])).toThrow(
      /must have whole numbers and lie inside the 4x3 image/,
    );
    expect(() => placeRle(drawing, -1, 0, { width: 9, height: 9 })).toThrow(/x -1/);
    const other = encodeRle(maskOf(["01"]));
    expect(() => mergeRles([drawing, other])).toThrow(/\[3, 4\] and \[1, 2\]/);
    expect(() => rleIou([drawing], [other])).toThrow(/different sizes/);
    expect(() => rleIntersection(drawing, other)).toThrow(/different sizes/);
    expect(() => mergeRles([])).toThrow(/at least one RLE/);
    expect(() => rleIou([drawing], [drawing], { crowd: [] })).toThrow(/0 entries for 1 masks/);
  });

  it("give an empty matrix for no masks", () => {
    expect(rleIou([], [])).toHaveLength(0);
    expect(rleIou([drawing], [])).toHaveLength(0);
  });
});
