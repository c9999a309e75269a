import { decodeRle, encodeRle, type ImagePoint, type Size } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyStroke, shapeOf, strokeToRle } from "./brush.js";
import { anyMask, rleOf } from "./testing/masks.js";

function rowsOf(rle: ReturnType<typeof strokeToRle>): string[] {
  const { width, height, data } = decodeRle(rle);
  return Array.from({ length: height }, (_, y) => data.subarray(y * width, (y + 1) * width).join(""));
}

/** Pixels whose centre is at most half the diameter from the line, one by one. */
function passedPixels(
  points: readonly ImagePoint[],
  diameterPx: number,
  { width, height }: Size,
): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const near = points.some((to, i) => {
        const from = points[Math.max(0, i - 1)]!;
        return distanceToSegment([x + 0.5, y + 0.5], from, to) <= diameterPx / 2;
      });
      const tip = points.some(([px, py]) => Math.floor(px) === x && Math.floor(py) === y);
      data[y * width + x] = Number(near || tip);
    }
  }
  return data;
}

function distanceToSegment([x, y]: ImagePoint, [ax, ay]: ImagePoint, [bx, by]: ImagePoint): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along =
    length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

describe("a stroke", () => {
  it("of one place is a disc", () => {
    expect(rowsOf(strokeToRle({ points: [[2.5, 2.5]], diameterPx: 4 }, { width: 5, height: 5 }))).toEqual([
      "00100",
      "01110",
      "11111",
      "01110",
      "00100",
    ]);
  });

  it("of a brush finer than a pixel is the pixel under its tip", () => {
    const rle = strokeToRle({ points: [[1.9, 0.1]], diameterPx: 0.2 }, { width: 3, height: 2 });
    expect(rowsOf(rle)).toEqual(["010", "000"]);
  });

  it("outside the picture marks nothing", () => {
    const rle = strokeToRle({ points: [[-9, -9]], diameterPx: 4 }, { width: 3, height: 2 });
    expect(shapeOf(rle)).toBeNull();
  });

  it("covers the pixels whose centres are within half its diameter of the line", () => {
    // The odd shares keep pixels' centres off the rim, where rounding would decide.
    const place = fc.tuple(fc.integer({ min: -20, max: 120 }), fc.integer({ min: -20, max: 120 }));
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        (places, eighths) => {
          const size = { width: 13, height: 11 };
          const points = places.map(([x, y]): ImagePoint => [x / 8 + 0.0137, y / 8 + 0.0071]);
          const diameterPx = eighths / 4 + 0.00173;
          const expected = passedPixels(points, diameterPx, size);
          expect([...decodeRle(strokeToRle({ points, diameterPx }, size)).data]).toEqual([...expected]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("painting", () => {
  const size = { width: 4, height: 3 };
  const dot = { points: [[1.5, 1.5] as const], diameterPx: 1 };

  it("begins a mask where there is none", () => {
    expect(applyStroke(null, dot, "add", size)).toEqual({
      segmentation: rleOf(["0000", "0100", "0000"]),
      areaPx: 1,
      boxXywh: [1, 1, 1, 1],
    });
  });

  it("adds to a mask and takes away from it", () => {
    const shape = shapeOf(rleOf(["1111", "1011", "0000"]))!;
    const added = applyStroke(shape, dot, "add", size)!;
    expect(added.segmentation).toEqual(rleOf(["1111", "1111", "0000"]));
    expect(added.areaPx).toBe(8);
    expect(applyStroke(added, dot, "erase", size)).toEqual(shape);
  });

  it("leaves null when all of a mask was erased, or there was none", () => {
    const shape = shapeOf(rleOf(["0000", "0100", "0000"]));
    expect(applyStroke(shape, dot, "erase", size)).toBeNull();
    expect(applyStroke(null, dot, "erase", size)).toBeNull();
  });

  it("gives each pixel what the brush says where it passed, and otherwise what it was", () => {
    fc.assert(
      fc.property(anyMask, fc.boolean(), (mask, add) => {
        const stroke = { points: [[3.2, 4.1] as const, [9.3, 2.2] as const], diameterPx: 3.3 };
        const passed = decodeRle(strokeToRle(stroke, mask)).data;
        const expected = mask.data.map((value, i) => (passed[i] ? Number(add) : value));
        const painted = applyStroke(shapeOf(encodeRle(mask)), stroke, add ? "add" : "erase", mask);
        expect(painted ? [...decodeRle(painted.segmentation).data] : null).toEqual(
          expected.includes(1) ? [...expected] : null,
        );
      }),
    );
  });
});
