import { describe, expect, it } from "vitest";
import { blendPixel } from "./canvas.js";

describe("blendPixel", () => {
  it("mixes in proportion, and over a see-through pixel keeps the colour pure", () => {
    const data = Uint8ClampedArray.of(100, 100, 100, 255, 9, 9, 9, 0);
    blendPixel(data, 0, [200, 0, 100], 0.5);
    blendPixel(data, 1, [200, 0, 100], 0.5);
    expect([...data]).toEqual([150, 50, 100, 255, 200, 0, 100, 128]);
  });
});
