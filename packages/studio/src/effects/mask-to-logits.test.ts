import { maskToRuns } from "@segany/masks";
import { expect, it } from "vitest";
import { maskToLogits } from "./mask-to-logits.js";

/** Logits of a mask of a size by what each pixel is. */
function logitsOf(
  width: number,
  height: number,
  isInside: (x: number, y: number) => boolean,
  fit: "pad" | "stretch" = "pad",
) {
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    isInside(i % width, Math.floor(i / width)) ? 1 : 0,
  );
  const logits = maskToLogits(maskToRuns({ width, height, data }), { maskSide: 256, fit });
  return (column: number, row: number) => logits[row * 256 + column];
}

it("is certain inside and outside, and outside in the padding", () => {
  const at = logitsOf(512, 256, (x) => x < 256); // the frame is 256 x 128 cells of 2 x 2 pixels
  expect([at(0, 0), at(127, 127), at(128, 0), at(255, 127), at(0, 128), at(255, 255)]).toEqual([
    10, 10, -10, -10, -10, -10,
  ]);
});

it("is between the two where the outline cuts a cell, by the share that is inside", () => {
  const at = logitsOf(512, 512, (x, y) => x < 101 && (x < 100 || y % 2 === 0)); // column 100 is inside in every other row
  expect(at(49, 7)).toBe(10);
  expect(at(50, 7)).toBe(-5); // one pixel of four
  expect(at(51, 7)).toBe(-10);
});

it("repeats pixels of an image that is smaller than the frame", () => {
  const at = logitsOf(2, 4, (x, y) => x === 1 && y === 3); // 64 cells a pixel, 128 x 256 of them
  expect([at(64, 192), at(127, 255)]).toEqual([10, 10]);
  expect([at(63, 192), at(64, 191), at(128, 255)]).toEqual([-10, -10, -10]);
});

it("fills all of a frame that images are stretched to, and any size that the model has", () => {
  const at = logitsOf(512, 256, (x, y) => x < 256 && y < 128, "stretch");
  expect([at(0, 0), at(127, 127), at(128, 0), at(0, 128), at(255, 255)]).toEqual([10, 10, -10, -10, -10]);
  const mask = maskToRuns({ width: 4, height: 4, data: new Uint8Array(16).fill(1) });
  expect(maskToLogits(mask, { maskSide: 8, fit: "pad" })).toEqual(new Float32Array(64).fill(10));
});
