import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskArea, maskIou } from "./iou.js";
import { encodeRle } from "./rle.js";
import { rleArea, rleIou } from "./rle-operations.js";
import { stabilityScore } from "./stability.js";
import { maskOf, maskPairArbitrary } from "./testing/masks.js";

describe("dense IoU", () => {
  it("is shared pixels over all pixels", () => {
    expect(maskIou(maskOf(["1100"]), maskOf(["0110"]))).toBe(1 / 3);
    expect(maskArea(maskOf(["1100"]))).toBe(2);
    expect(maskIou(maskOf(["00"]), maskOf(["00"]))).toBe(0);
    expect(() => maskIou(maskOf(["00"]), maskOf(["0"]))).toThrow(/different sizes/);
  });

  it("is that of the run lengths", () => {
    fc.assert(
      fc.property(maskPairArbitrary, ([a, b]) => {
        expect(maskIou(a, b)).toBe(rleIou([encodeRle(a)], [encodeRle(b)])[0]);
        expect(maskArea(a)).toBe(rleArea(encodeRle(a)));
      }),
    );
  });
});

describe("the stability score", () => {
  it("is the part of the wide mask that is in the narrow one, thresholds themselves outside", () => {
    const logits = Float32Array.of(-3, -1, -0.5, 0, 1, 1.5, 2, 9);
    expect(stabilityScore(logits, 0, 1)).toBe(3 / 6);
    expect(stabilityScore(logits, 1, 0.5)).toBe(2 / 4);
  });

  it("is NaN for a mask that is empty even at the lowered threshold", () => {
    expect(stabilityScore(Float32Array.of(-5, -1), 0, 1)).toBeNaN();
  });

  it("compares in 32 bits", () => {
    expect(stabilityScore(Float32Array.of(Math.fround(0.1)), 0, 0.1)).toBe(0);
  });
});
