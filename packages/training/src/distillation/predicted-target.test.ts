import { expect, it } from "vitest";
import { predictedTarget } from "./predicted-target.js";

/** Cells of 4 x 4 pixels; the image fills 12 x 7 of 16 x 16: the lower row of cells is partly padding. */
const FRAME = { imageSide: 16, maskSide: 4, inputSize: { width: 12, height: 7 } };

it("takes the cells above 0 of the image, and their box, cut at the image", () => {
  const logits = new Float32Array(16).fill(-1);
  for (const cell of [1, 5, 6]) logits[cell] = 2;
  for (const padding of [3, 9, 15]) logits[padding] = 2;
  const { data, area, boxXyxy } = predictedTarget(logits, FRAME);
  expect([...data.keys()].filter((cell) => data[cell])).toEqual([1, 5, 6]);
  expect(area).toBe(3);
  expect([...boxXyxy]).toEqual([4, 0, 12, 7]);
});

it("is empty where nothing is above 0", () => {
  expect(predictedTarget(new Float32Array(16), FRAME).area).toBe(0);
});
