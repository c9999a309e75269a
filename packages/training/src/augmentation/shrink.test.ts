import { expect, it } from "vitest";
import { shrinkImage, shrinkMask } from "./shrink.js";

/** Opaque gray pixels. */
const gray = (width: number, height: number, values: readonly number[]) => ({
  width,
  height,
  data: Uint8ClampedArray.from(values.flatMap((value) => [value, value, value, 255])),
});
const PADDING = [124, 116, 104, 255];
const pixels = ({ data }: { data: Uint8ClampedArray }) =>
  Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);

it("shows an image at half its size: means of 2 x 2 pixels, and padding", () => {
  const image = gray(4, 2, [0, 10, 100, 200, 20, 30, 100, 200]);
  const shrunk = pixels(shrinkImage(image, 0.5));
  expect(shrunk.slice(0, 2)).toEqual([
    [15, 15, 15, 255],
    [150, 150, 150, 255],
  ]);
  expect(shrunk.slice(2)).toEqual(Array(6).fill(PADDING));
});

it("takes every pixel once where sizes don't divide: 5 in 3 are the first, two and two", () => {
  const shrunk = pixels(shrinkImage(gray(5, 1, [10, 20, 40, 60, 80]), 0.6));
  expect(shrunk.map(([red]) => red)).toEqual([10, 30, 70, 124, 124]);
});

it("leaves at least a pixel", () => {
  expect(pixels(shrinkImage(gray(2, 1, [10, 20]), 0.01))).toEqual([[15, 15, 15, 255], PADDING]);
});

it("keeps a mask's pixels of which half are inside", () => {
  const rows = [
    [1, 0, 1, 0],
    [1, 0, 0, 0],
  ];
  const mask = { width: 4, height: 2, data: Uint8Array.from(rows.flat()) };
  expect([...shrinkMask(mask, 0.5).data]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  expect(shrinkMask(mask, 1)).toEqual(mask);
});
