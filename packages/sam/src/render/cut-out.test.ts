import { describe, expect, it } from "vitest";
import { maskOf, pixel } from "../testing/test-images.js";
import { cutOut } from "./cut-out.js";

describe("cutOut", () => {
  const data = Uint8ClampedArray.from({ length: 4 * 12 }, (_, i) => (i % 4 === 3 ? 200 : i));
  const image = { width: 4, height: 3, data };
  const mask = maskOf("....", ".#..", ".##.");

  it("keeps the object in its tight box and nothing of the rest", () => {
    const cut = cutOut(image, mask);
    expect([cut.width, cut.height]).toEqual([2, 2]);
    expect(pixel(cut, 0, 0)).toEqual([20, 21, 22, 200]);
    expect(pixel(cut, 1, 0)).toEqual([0, 0, 0, 0]);
    expect(pixel(cut, 1, 1)).toEqual([40, 41, 42, 200]);
  });

  it("leaves empty pixels around it when asked", () => {
    const cut = cutOut(image, mask, { paddingPx: 3 });
    expect([cut.width, cut.height]).toEqual([8, 8]);
    expect(pixel(cut, 3, 3)).toEqual([20, 21, 22, 200]);
    expect(pixel(cut, 2, 3)).toEqual([0, 0, 0, 0]);
  });

  it("reads images that don't start at a multiple of four bytes", () => {
    const shifted = new Uint8ClampedArray(data.length + 1);
    shifted.set(data, 1);
    expect(cutOut({ ...image, data: shifted.subarray(1) }, mask)).toEqual(cutOut(image, mask));
  });

  it("refuses empty masks, other sizes and odd paddings", () => {
    expect(() => cutOut(image, maskOf("....", "....", "...."))).toThrow(/nothing to cut out/);
    expect(() => cutOut(image, maskOf("##"))).toThrow(expect.objectContaining({ code: "mask-invalid" }));
    expect(() => cutOut(image, mask, { paddingPx: -1 })).toThrow(
      expect.objectContaining({ code: "option-invalid" }),
    );
  });
});
