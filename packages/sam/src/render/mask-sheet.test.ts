import { describe, expect, it } from "vitest";
import { GREY, pixel, rectangle } from "../testing/test-images.js";
import { createImage } from "./canvas.js";
import { PROMPT_GREEN } from "./colours.js";
import { drawMaskSheet } from "./mask-sheet.js";

describe("drawMaskSheet", () => {
  it("puts a captioned panel for each mask side by side", () => {
    const image = createImage({ width: 200, height: 100 }, GREY);
    const masks = [0.9, 0.8, 0.7].map((score, i) => ({
      mask: rectangle(200, 100, [20 * i, 0, 200, 100]),
      score,
    }));
    const sheet = drawMaskSheet(image, masks, { pointCoords: [[150, 50]], pointLabels: [1] });
    expect(sheet.width).toBeGreaterThan(600);
    expect(sheet.height).toBeGreaterThan(110);
    const gap = (sheet.width - 600) / 4;
    const top = sheet.height - 100 - gap;
    expect(pixel(sheet, gap + 10, top + 50)[2]).toBeGreaterThan(150);
    expect(pixel(sheet, 2 * gap + 210, top + 50)).toEqual([100, 100, 100, 255]);
    expect(pixel(sheet, gap + 150, top + 50).slice(0, 3)).toEqual([...PROMPT_GREEN]);
    expect(pixel(sheet, 1, 1)).toEqual([255, 255, 255, 255]);
  });

  it("makes panels of large images smaller, and captions fit narrow ones", () => {
    const image = createImage({ width: 30, height: 300 }, GREY);
    const masks = [{ mask: rectangle(30, 300, [0, 0, 30, 300]), score: 1 }];
    const sheet = drawMaskSheet(image, masks, { panelLongSidePx: 100 });
    expect(sheet.height).toBeLessThan(130);
  });

  it("asks for masks", () => {
    expect(() => drawMaskSheet(createImage({ width: 2, height: 2 }, GREY), [])).toThrow(/at least one mask/);
  });
});
