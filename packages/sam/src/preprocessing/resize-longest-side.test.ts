import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toImagePoints, toModelPoints } from "./coordinates.js";
import { ResizeLongestSide } from "./resize-longest-side.js";

describe("ResizeLongestSide", () => {
  const transform = new ResizeLongestSide(1024);

  it("rounds the short side to the nearest pixel, halves up", () => {
    expect(transform.getPreprocessShape({ width: 1800, height: 1200 })).toEqual({ width: 1024, height: 683 });
    expect(transform.getPreprocessShape({ width: 534, height: 800 })).toEqual({ width: 684, height: 1024 });
    expect(transform.getPreprocessShape({ width: 2048, height: 1 })).toEqual({ width: 1024, height: 1 });
  });

  it("never makes a side vanish", () => {
    expect(transform.getPreprocessShape({ width: 5000, height: 1 })).toEqual({ width: 1024, height: 1 });
  });

  it("moves points and boxes by the rounded sizes, axis by axis, without rounding", () => {
    const size = { width: 1800, height: 1200 };
    expect(transform.applyCoords([[900, 600]], size)).toEqual([[512, 600 * (683 / 1200)]]);
    expect(transform.applyBoxes([[0, 0, 1800, 1200]], size)).toEqual([[0, 0, 1024, 683]]);
  });

  it("is undone by mapping back", () => {
    const side = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(side, side, fc.float({ noNaN: true, min: 0, max: 1 }), (width, height, part) => {
        const size = { width, height };
        const input = transform.getPreprocessShape(size);
        const [point] = toImagePoints(
          toModelPoints([[part * width, part * height]], size, input),
          size,
          input,
        );
        const [x, y] = point!;
        expect(x).toBeCloseTo(part * width, 6);
        expect(y).toBeCloseTo(part * height, 6);
      }),
    );
  });

  it("refuses a length that is no number of pixels", () => {
    for (const length of [0, -1, 10.5, Number.NaN]) {
      expect(() => new ResizeLongestSide(length)).toThrow(
        expect.objectContaining({ code: "option-invalid" }),
      );
    }
  });
});
