import { describe, expect, it } from "vitest";
import type { PlanarRgbImage } from "../images/resize-bilinear.js";
import { preprocess } from "./preprocess.js";

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

  it("uses SAM's mean and deviation and its 1024 pixels unless told otherwise", () => {
    const input = preprocess(image);
    expect(input.length).toBe(3 * 1024 * 1024);
    expect(input[0]).toBeCloseTo(-123.675 / 58.395, 6);
    expect(input[1]).toBeCloseTo((255 - 123.675) / 58.395, 6);
    expect(input[1024 * 1024]).toBeCloseTo((10 - 116.28) / 57.12, 6);
    expect(input[2 * 1024 * 1024 + 1]).toBeCloseTo((40 - 103.53) / 57.375, 6);
  });

  it("overwrites all of a given array", () => {
    const into = new Float32Array(3 * 16).fill(9);
    expect(preprocess(image, { imageSize: 4, into })).toBe(into);
    expect(into).toEqual(preprocess(image, { imageSize: 4 }));
  });

  it("refuses images that don't fit and arrays of another length", () => {
    expect(() => preprocess(image, { imageSize: 1 })).toThrow(/2 x 1 .* 1 x 1/);
    expect(() => preprocess(image, { into: new Float32Array(5) })).toThrow(/5 values/);
  });
});
