import { expect, test } from "vitest";
import { readSize } from "./fields.js";

test.each([
  [1, 1],
  [65_535, 4096],
  [2 ** 20, 256],
])("an image of %i x %i pixels is accepted", (width, height) => {
  expect(readSize({ width, height }, "x")).toEqual({ width, height });
});

test.each([
  [40_000, 40_000],
  [2 ** 15, 2 ** 15],
  [2 ** 20 + 1, 1],
  [1, 2 ** 28],
  [2 ** 60, 2 ** 60],
])("an image that claims %i x %i pixels is refused before a mask of it is made", (width, height) => {
  expect(() => readSize({ width, height }, "x.json")).toThrow(/^x\.json: the image is \d+x\d+; accepted are/);
});
