import { describe, expect, it } from "vitest";
import { createImage } from "./canvas.js";
import { textWidth, writeText } from "./draw-text.js";

describe("writeText", () => {
  it("is as wide as it says, and sets characters apart", () => {
    const drawn = (text: string) => {
      const image = createImage({ width: 220, height: 40 }, [255, 255, 255]);
      writeText(image, text, [10, 10], 20, [0, 0, 0]);
      const dark = Array.from({ length: 220 * 40 }, (_, i) => i).filter((i) => image.data[4 * i]! < 128);
      const columns = dark.map((i) => i % 220);
      return { pixels: dark.join(), left: Math.min(...columns), right: Math.max(...columns) };
    };
    const { left, right } = drawn("0.987");
    expect(Math.abs(left - 10)).toBeLessThanOrEqual(2);
    expect(Math.abs(right - 10 - textWidth("0.987", 20))).toBeLessThanOrEqual(3);
    const signs = [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.,:-+=_/()#%"];
    expect(new Set(signs.map((sign) => drawn(sign).pixels)).size).toBe(signs.length);
    expect(drawn("m").pixels).toBe(drawn("M").pixels);
    expect(drawn("é").pixels).toBe(drawn("漢").pixels);
    expect(textWidth("", 20)).toBe(0);
  });
});
