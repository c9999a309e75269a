import { describe, expect, it } from "vitest";
import { generateCropBoxes } from "../proposals/crops.js";
import { buildAllLayerPointGrids, buildPointGrid } from "./point-grid.js";

describe("crops", () => {
  it("cut a 1500 x 1000 image as worked out by hand", () => {
    // overlap 512/1500 · 1000 = 341; width ⌈(341 + 1500) / 2⌉ = 921, height ⌈(341 + 1000) / 2⌉ = 671
    expect(generateCropBoxes({ width: 1500, height: 1000 }, 1, 512 / 1500)).toEqual([
      { boxXyxy: [0, 0, 1500, 1000], layer: 0 },
      { boxXyxy: [0, 0, 921, 671], layer: 1 },
      { boxXyxy: [0, 330, 921, 1000], layer: 1 },
      { boxXyxy: [580, 0, 1500, 671], layer: 1 },
      { boxXyxy: [580, 330, 1500, 1000], layer: 1 },
    ]);
  });

  it("overlap half as much in the second layer", () => {
    // overlap 512/1500 · 1000 / 2 = 170; width ⌈(3 · 170 + 1500) / 4⌉ = 503, height ⌈(3 · 170 + 1000) / 4⌉ =
    // 378
    const boxes = generateCropBoxes({ width: 1500, height: 1000 }, 2, 512 / 1500).map(
      ({ boxXyxy }) => boxXyxy,
    );
    expect([boxes[5], boxes[6], boxes.at(-1)]).toEqual([
      [0, 0, 503, 378],
      [0, 208, 503, 586],
      [999, 624, 1500, 1000],
    ]);
  });

  it("cover every pixel in every layer", () => {
    for (const size of [
      { width: 37, height: 91 },
      { width: 640, height: 427 },
    ]) {
      const crops = generateCropBoxes(size, 3, 0.3);
      expect(crops).toHaveLength(1 + 4 + 16 + 64);
      for (const layer of [0, 1, 2, 3]) {
        const seen = new Uint8Array(size.width * size.height);
        for (const {
          boxXyxy: [x0, y0, x1, y1],
        } of crops.filter((crop) => crop.layer === layer)) {
          for (let y = y0; y < y1; y++) seen.fill(1, y * size.width + x0, y * size.width + x1);
        }
        expect(seen.every((value) => value === 1)).toBe(true);
      }
    }
  });
});

describe("point grids", () => {
  it("put points at the centres of cells, row by row", () => {
    expect(buildPointGrid(2)).toEqual([
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ]);
    expect(buildPointGrid(1)).toEqual([[0.5, 0.5]]);
  });

  it("thin out with each layer of crops", () => {
    expect(buildAllLayerPointGrids(32, 2, 2).map((grid) => grid.length)).toEqual([1024, 256, 64]);
    expect(buildAllLayerPointGrids(4, 2, 2).map((grid) => grid.length)).toEqual([16, 4, 1]);
    expect(() => buildAllLayerPointGrids(4, 3, 2)).toThrow(
      expect.objectContaining({ code: "option-invalid" }),
    );
  });
});
