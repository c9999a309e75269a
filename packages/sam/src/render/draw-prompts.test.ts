import { describe, expect, it } from "vitest";
import { changedPixels, GREY, pixel } from "../testing/test-images.js";
import { createImage } from "./canvas.js";
import { PROMPT_GREEN, PROMPT_RED } from "./colours.js";
import { drawBoxes, drawPoints } from "./draw-prompts.js";

describe("drawPoints", () => {
  const image = createImage({ width: 100, height: 80 }, GREY);

  it("draws green and red stars with a white edge, and no padding points", () => {
    const drawn = drawPoints(
      image,
      [
        [20, 30],
        [70, 40],
        [50, 70],
      ],
      [1, 0, -1],
    );
    expect(pixel(drawn, 20, 30).slice(0, 3)).toEqual([...PROMPT_GREEN]);
    expect(pixel(drawn, 70, 40).slice(0, 3)).toEqual([...PROMPT_RED]);
    expect(pixel(drawn, 50, 70).slice(0, 3)).toEqual([...GREY]);
    expect(drawn.data.filter((value, i) => i % 4 === 2 && value === 255).length).toBeGreaterThan(10);
  });

  it("cuts stars at the image's edges and beyond", () => {
    const drawn = drawPoints(
      image,
      [
        [0, 0],
        [-500, 20],
      ],
      [1, 1],
    );
    expect(pixel(drawn, 0, 0).slice(0, 3)).toEqual([...PROMPT_GREEN]);
  });

  it("grows stars with the image", () => {
    const big = createImage({ width: 2000, height: 1000 }, GREY);
    const small = createImage({ width: 1000, height: 500 }, GREY);
    const ratio =
      changedPixels(big, drawPoints(big, [[900, 500]], [1])) /
      changedPixels(small, drawPoints(small, [[450, 250]], [1]));
    expect(ratio).toBeGreaterThan(3.5);
    expect(ratio).toBeLessThan(4.5);
  });

  it("asks for a label for each point", () => {
    expect(() => drawPoints(image, [[1, 1]], [])).toThrow(/1 points and 0 labels/);
  });
});

describe("drawBoxes", () => {
  it("draws a green frame around untouched pixels", () => {
    const image = createImage({ width: 60, height: 60 }, GREY);
    const drawn = drawBoxes(image, [[10, 20, 50, 40]]);
    for (const [x, y] of [
      [10, 30],
      [50, 30],
      [30, 20],
      [30, 40],
      [10, 20],
      [50, 40],
    ] as const) {
      expect(pixel(drawn, x, y).slice(0, 3)).toEqual([...PROMPT_GREEN]);
    }
    expect(pixel(drawn, 30, 30).slice(0, 3)).toEqual([...GREY]);
    expect(pixel(drawn, 5, 30).slice(0, 3)).toEqual([...GREY]);
  });
});
