import { boxToRle, decodeRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { caseWindow, enlargeBox, enlargeImage, enlargeMask, enlargePoint } from "./case-window.js";

const size = { width: 600, height: 400 };
const rectangle = (x: number, y: number, width: number, height: number) =>
  boxToRle([x, y, width, height], size);

describe("the window of a case", () => {
  it("shows a small object enlarged, with as much again on each side", () => {
    expect(caseWindow(size, rectangle(300, 200, 20, 10))).toEqual({ boxXywh: [280, 175, 60, 60], scale: 8 });
  });

  it("stays inside the image, and is not smaller than 48 pixels", () => {
    expect(caseWindow(size, rectangle(598, 0, 2, 2))).toEqual({ boxXywh: [552, 0, 48, 48], scale: 10 });
  });

  it("is the whole image for a large object, a small image and no object", () => {
    const whole = { boxXywh: [0, 0, 600, 400], scale: 1 };
    expect(caseWindow(size, rectangle(100, 100, 200, 50))).toEqual(whole);
    expect(caseWindow(size, rectangle(0, 0, 0, 0))).toEqual(whole);
    const small = { width: 40, height: 40 };
    expect(caseWindow(small, boxToRle([3, 3, 2, 2], small))).toEqual({ boxXywh: [0, 0, 40, 40], scale: 1 });
  });

  it("puts pixels, masks, points and boxes at the same places", () => {
    const window = caseWindow(size, rectangle(300, 200, 20, 10));
    const image = { ...size, data: new Uint8ClampedArray(4 * 600 * 400) };
    decodeRle(rectangle(300, 200, 20, 10)).data.forEach((inside, i) => {
      image.data[4 * i] = 255 * inside;
    });
    const [enlarged, mask] = [enlargeImage(image, window), enlargeMask(rectangle(300, 200, 20, 10), window)];
    expect([enlarged.width, enlarged.height, mask.width, mask.height]).toEqual([480, 480, 480, 480]);
    expect(mask.data.every((inside, i) => enlarged.data[4 * i] === 255 * inside)).toBe(true);
    expect(mask.data.reduce((sum, inside) => sum + inside, 0)).toBe(20 * 10 * 64);
    expect(enlargePoint([280, 175], window)).toEqual([3.5, 3.5]);
    expect(enlargeBox([300, 200, 320, 210], window)).toEqual([160, 200, 320, 280]);
  });
});
