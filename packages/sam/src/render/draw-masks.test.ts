import type { Mask } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedPixels, GREY, maskOf, pixel, rectangle } from "../testing/test-images.js";
import { createImage } from "./canvas.js";
import { MASK_BLUE, type Rgb } from "./colours.js";
import { drawMask, drawMasks } from "./draw-masks.js";

const RED: Rgb = [255, 0, 0];
const BLUE: Rgb = [0, 0, 255];

describe("drawMasks", () => {
  const image = createImage({ width: 3, height: 2 }, GREY);
  const large = maskOf("##.", "##.");
  const small = maskOf(".#.", "...");

  it("lays small masks over large ones without mixing their colours, in whatever order they come", () => {
    const colours = [RED, BLUE];
    const drawn = drawMasks(image, [small, large], { alpha: 0.5, contours: false, colours });
    expect(pixel(drawn, 1, 0)).toEqual([178, 50, 50, 255]);
    expect(pixel(drawn, 0, 0)).toEqual([50, 50, 178, 255]);
    expect(pixel(drawn, 2, 1)).toEqual([100, 100, 100, 255]);
  });

  it("decodes lazy masks when it is their turn", () => {
    const decoded: string[] = [];
    const lazy = (name: string, mask: Mask, areaPx: number) => ({
      areaPx,
      decode: () => {
        decoded.push(name);
        return mask;
      },
    });
    const colours = [RED, BLUE];
    const drawn = drawMasks(image, [lazy("small", small, 1), lazy("large", large, 4)], { colours });
    expect(decoded).toEqual(["large", "small"]);
    expect(drawn).toEqual(drawMasks(image, [small, large], { colours }));
  });

  it("draws a contour along the mask's edge, but not along the image's", () => {
    const canvas = createImage({ width: 40, height: 30 }, GREY);
    const mask = rectangle(40, 30, [0, 0, 20, 30]);
    const drawn = drawMasks(canvas, [mask], { alpha: 0, colours: [RED] });
    expect(pixel(drawn, 19, 15)[0]).toBeGreaterThan(180);
    expect(pixel(drawn, 20, 15)[0]).toBe(pixel(drawn, 19, 15)[0]);
    expect(pixel(drawn, 0, 15)).toEqual([100, 100, 100, 255]);
    expect(pixel(drawn, 10, 0)).toEqual([100, 100, 100, 255]);
    expect(changedPixels(canvas, drawn)).toBeLessThanOrEqual(4 * 30);
  });

  it("changes no pixel away from the masks and leaves the image as it was", () => {
    const canvas = createImage({ width: 24, height: 16 }, GREY);
    const corner = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 11 }));
    fc.assert(
      fc.property(corner, fc.integer({ min: 1, max: 8 }), ([x, y], side) => {
        const box = [x, y, Math.min(24, x + side), Math.min(16, y + side)];
        const drawn = drawMasks(canvas, [rectangle(24, 16, box)]);
        expect(changedPixels(canvas, createImage(canvas, GREY))).toBe(0);
        for (let py = 0; py < 16; py++) {
          for (let px = 0; px < 24; px++) {
            const far = px < box[0]! - 2 || px > box[2]! + 1 || py < box[1]! - 2 || py > box[3]! + 1;
            if (far) expect(pixel(drawn, px, py)).toEqual([100, 100, 100, 255]);
          }
        }
      }),
    );
  });

  it("takes no masks and empty masks", () => {
    expect(drawMasks(image, [])).toEqual(image);
    expect(drawMasks(image, [maskOf("...", "...")])).toEqual(image);
  });

  it("refuses masks of another size", () => {
    expect(() => drawMasks(image, [maskOf("##")])).toThrow(expect.objectContaining({ code: "mask-invalid" }));
  });

  it("draws a single mask in translucent blue", () => {
    const drawn = drawMask(image, large);
    const expected = MASK_BLUE.map((value) => Math.round(100 * 0.4 + value * 0.6));
    pixel(drawn, 0, 0)
      .slice(0, 3)
      .forEach((value, c) => {
        expect(Math.abs(value - expected[c]!)).toBeLessThanOrEqual(1);
      });
  });
});
