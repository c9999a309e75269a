import { readFileSync } from "node:fs";
import { type MaskRuns, maskToRuns, type Rle, rleArea, rleIou, rleToRuns, runsToRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { isSeenInModelFrame, targetInModelFrame } from "./target.js";

/** Masks by Meta's code on the example image, and the targets that PyTorch made of them. */
const GOLDENS: { id: string; mask: Rle; target: Rle }[] = JSON.parse(
  readFileSync(new URL("../../../../fixtures/training/targets.json", import.meta.url), "utf8"),
);

const SAM = { imageSide: 1024, maskSide: 256 };

/** The cells of a target moved right and down, with 0 where nothing comes from. */
function moved(data: Uint8Array, side: number, by: number): Uint8Array {
  const result = new Uint8Array(data.length);
  for (let row = by; row < side; row++)
    result.set(data.subarray((row - by) * side, (row - by) * side + side - by), row * side + by);
  return result;
}

describe("a target", () => {
  it.each(GOLDENS)("is what PyTorch makes of the mask of $id, but for cells at its border", (golden) => {
    const frame = { ...SAM, inputSize: { width: 1024, height: 683 } };
    const { data, area } = targetInModelFrame(rleToRuns(golden.mask), frame);
    const inGolden = maskToRuns({ width: 256, height: 256, data: moved(data, 256, 6) });
    const iou = rleIou([runsToRle(inGolden)], [golden.target])[0];
    expect(iou).toBeGreaterThan(0.9);
    expect(Math.abs(area / rleArea(golden.target) - 1)).toBeLessThan(0.05);
  });

  it("lies where the mask does, to a tenth of a cell", () => {
    const [width, height] = [700, 500];
    const disc = new Uint8Array(width * height);
    for (let i = 0; i < disc.length; i++)
      disc[i] = Math.hypot((i % width) + 0.5 - 311.3, Math.floor(i / width) + 0.5 - 207.8) < 97 ? 1 : 0;
    const mask = maskToRuns({ width, height, data: disc });
    const { data, area } = targetInModelFrame(mask, { ...SAM, inputSize: { width: 1024, height: 731 } });
    const cell = (4 * 700) / 1024; // pixels
    let [x, y] = [0, 0];
    data.forEach((inside, i) => {
      x += (inside * ((i % 256) + 0.5) * cell) / area;
      y += (inside * (Math.floor(i / 256) + 0.5) * cell) / area;
    });
    expect(Math.abs(x - 311.3)).toBeLessThan(cell / 10);
    expect(Math.abs(y - 207.8)).toBeLessThan(cell / 10);
  });

  it("takes the pixel at each cell's centre, and 0 in the padding", () => {
    // 6 x 3 pixels to 12 x 6 of 16 x 16, to 4 x 4: cells show columns 1, 3, 5 and row 1; row 3 is padding.
    const frame = { imageSide: 16, maskSide: 4, inputSize: { width: 12, height: 6 } };
    const rows = [
      [0, 0, 0, 0, 0, 0],
      [0, 1, 1, 0, 0, 1],
      [1, 1, 0, 1, 0, 1],
    ];
    const mask = maskToRuns({ width: 6, height: 3, data: Uint8Array.from(rows.flat()) });
    const { data, area, boxXyxy } = targetInModelFrame(mask, frame);
    expect([...data]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(area).toBe(2);
    expect(isSeenInModelFrame(mask, frame)).toBe(true);
    expect(boxXyxy).toEqual([0, 2, 12, 6]);
  });

  it("has the box of the full mask even where no cell shows the mask", () => {
    const data = new Uint8Array(1024 * 1024);
    data[5 * 1024 + 6] = 1;
    const mask = maskToRuns({ width: 1024, height: 1024, data });
    const target = targetInModelFrame(mask, { ...SAM, inputSize: mask });
    expect(target.area).toBe(0);
    expect(target.boxXyxy).toEqual([6, 5, 7, 6]);
    expect(isSeenInModelFrame(mask, target)).toBe(false);
  });

  it("of a mask without a pixel is refused", () => {
    const empty: MaskRuns = { width: 4, height: 4, counts: Uint32Array.of(16) };
    const frame = { ...SAM, inputSize: { width: 1024, height: 1024 } };
    expect(() => targetInModelFrame(empty, frame)).toThrow(expect.objectContaining({ code: "target-empty" }));
  });
});
