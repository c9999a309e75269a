import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cmykToRgb } from "./cmyk-to-rgb.js";

const one = { width: 1, height: 1 };

describe("cmykToRgb", () => {
  it("gives white without ink, black with full black, and red from magenta and yellow", () => {
    const inks = Uint8Array.of(...[0, 0, 0, 0], ...[9, 9, 9, 255], ...[0, 255, 255, 0]);
    const { data } = cmykToRgb(inks, { width: 3, height: 1 }, 4, 255);
    expect([...data]).toEqual([...[255, 255, 255, 255], ...[0, 0, 0, 255], ...[255, 0, 0, 255]]);
  });

  it("rounds ink times light to the nearest level", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, (ink, black) => {
        const light = 255 - black;
        const [red] = cmykToRgb(Uint8Array.of(ink, 0, 0, black), one, 4, 255).data;
        expect(red).toBe(light - Math.round((ink * light) / 255));
      }),
    );
  });

  it("takes the high byte of 16-bit samples, and alpha from a fifth one", () => {
    const inks = Uint16Array.of(0x80ff, 0, 0, 0x00ff, 0x40ff);
    expect([...cmykToRgb(inks, one, 5, 65535).data]).toEqual([127, 255, 255, 0x40]);
  });
});
