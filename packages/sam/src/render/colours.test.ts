import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctColours } from "./colours.js";

describe("distinctColours", () => {
  it("gives the same colours for a seed and others for another, however many are asked for", () => {
    expect(distinctColours(20, 7).slice(0, 5)).toEqual(distinctColours(5, 7));
    expect(distinctColours(5, 7)).not.toEqual(distinctColours(5, 8));
  });

  it("never repeats one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const colours = distinctColours(60, seed).map(String);
        expect(new Set(colours).size).toBe(60);
      }),
    );
  });
});
