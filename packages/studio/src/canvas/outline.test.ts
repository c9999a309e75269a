import { describe, expect, it } from "vitest";
import { detailLevel, thinRing } from "./outline.js";

describe("levels of detail", () => {
  it("rise by one with every halving of the scale, up to the coarsest", () => {
    expect([8, 1, 0.6, 0.5, 0.26, 0.25, 0.001].map(detailLevel)).toEqual([0, 0, 0, 1, 1, 2, 6]);
  });
});

describe("thinning a ring", () => {
  it("keeps the corners of a large square and drops a notch at its side", () => {
    const ring = [0, 0, 50, 0, 50, 1, 51, 1, 51, 100, 0, 100];
    expect(thinRing(ring, 4)).toEqual([0, 0, 50, 0, 51, 100, 0, 100]);
  });

  it("drops a speck altogether", () => {
    expect(thinRing([10, 10, 11, 10, 11, 11, 10, 11], 3)).toEqual([]);
  });
});
