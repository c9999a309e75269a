import { describe, expect, it } from "vitest";
import type { PlanarRgbImage } from "../images/resize-bilinear.js";
import { preprocess } from "./preprocess.js";

const plain = { imageSize: 4, pixelMean: [0, 0, 0], pixelStd: [1, 1, 1] } as const;
const image: PlanarRgbImage = { width: 2, height: 1, data: Uint8Array.of(0, 255, 10, 20, 30, 40) };

describe("preprocess", () => {
  it("normalises each channel and pads with zeros to the right and below", () => {
    const input = preprocess(image, { imageSize: 3, pixelMean: [100, 10, 0], pixelStd: [50, 5, 10] });
    expect([...input]).toEqual([
      ...[-2, Math.fround(3.1), 0, 0, 0, 0, 0, 0, 0],
      ...[0, 2, 0, 0, 0, 0, 0, 0, 0],
      ...[3, 4, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it("overwrites all of a given array", () => {
    const into = new Float32Array(3 * 16).fill(9);
    expect(preprocess(image, { ...plain, into })).toBe(into);
    expect(into).toEqual(preprocess(image, plain));
  });

  it("refuses images that don't fit and arrays of another length", () => {
    expect(() => preprocess(image, { ...plain, imageSize: 1 })).toThrow(/2 x 1 .* 1 x 1/);
    expect(() => preprocess(image, { ...plain, into: new Float32Array(5) })).toThrow(/5 values/);
  });
});
