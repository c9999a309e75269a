import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskToRuns, runsToMask } from "./dense-runs.js";
import type { Point } from "./frames.js";
import { emptyRuns } from "./runs.js";
import { strokeToRuns } from "./stroke.js";
import type { MaskRuns, Size } from "./types.js";

function rowsOf(runs: MaskRuns): string[] {
  const { width, height, data } = runsToMask(runs);
  return Array.from({ length: height }, (_, y) => data.subarray(y * width, (y + 1) * width).join(""));
}

/** Pixels whose centre is at most half the diameter from the line, one by one. */
function passedPixels(points: readonly Point[], diameterPx: number, { width, height }: Size): Uint8Array {
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

function distanceToSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along =
    length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

describe("a stroke", () => {
  it("of one place is a disc", () => {
    expect(rowsOf(strokeToRuns({ points: [[2.5, 2.5]], diameterPx: 4 }, { width: 5, height: 5 }))).toEqual([
      "00100",
      "01110",
      "11111",
      "01110",
      "00100",
    ]);
  });

  it("of a brush finer than a pixel is the pixel under its tip", () => {
    const runs = strokeToRuns({ points: [[1.9, 0.1]], diameterPx: 0.2 }, { width: 3, height: 2 });
    expect(rowsOf(runs)).toEqual(["010", "000"]);
  });

  it("outside the image marks nothing", () => {
    const size = { width: 3, height: 2 };
    expect(strokeToRuns({ points: [[-9, -9]], diameterPx: 4 }, size)).toEqual(emptyRuns(size));
  });

  it("without a point is refused", () => {
    const size = { width: 3, height: 2 };
    expect(() => strokeToRuns({ points: [], diameterPx: 4 }, size)).toThrow(/has no point/);
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
          const points = places.map(([x, y]): Point => [x / 8 + 0.0137, y / 8 + 0.0071]);
          const diameterPx = eighths / 4 + 0.00173;
          const expected = passedPixels(points, diameterPx, size);
          expect(strokeToRuns({ points, diameterPx }, size)).toEqual(maskToRuns({ ...size, data: expected }));
        },
      ),
      { numRuns: 300 },
    );
  });
});
