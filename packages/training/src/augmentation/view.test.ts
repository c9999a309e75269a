import { maskToRuns, runsToMask } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { drawView, viewImage, viewMask, wholeView } from "./view.js";

/** 4 x 3 pixels; each pixel's red is its number. */
const image = {
  width: 4,
  height: 3,
  data: Uint8ClampedArray.from({ length: 48 }, (_, i) => (i % 4 === 0 ? i / 4 : 255)),
};
const reds = ({ data }: { data: Uint8ClampedArray }) => [...data].filter((_, i) => i % 4 === 0);
const mask = maskToRuns({ width: 4, height: 3, data: Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1) });

const PLAIN = { flip: false, minCrop: 1 } as const;

describe("a view", () => {
  it("shows a part of an image and of its masks", () => {
    const view = { crop: [1, 1, 3, 2], flipped: false } as const;
    expect(reds(viewImage(image, view))).toEqual([5, 6, 7, 9, 10, 11]);
    expect([...runsToMask(viewMask(mask, view)).data]).toEqual([0, 1, 1, 0, 0, 1]);
  });

  it("shows it mirrored", () => {
    const view = { crop: [1, 1, 3, 2], flipped: true } as const;
    expect(reds(viewImage(image, view))).toEqual([7, 6, 5, 11, 10, 9]);
    expect([...runsToMask(viewMask(mask, view)).data]).toEqual([1, 1, 0, 1, 0, 0]);
  });

  it("that is whole changes nothing", () => {
    expect(viewImage(image, wholeView(image)).data).toEqual(image.data);
    expect(viewMask(mask, wholeView(image))).toEqual(mask);
  });

  it("is drawn inside the image, half of them mirrored, from the smallest share to the whole", () => {
    const random = createRandom(1);
    const size = { width: 400, height: 200 };
    const settings = { ...PLAIN, flip: true, minCrop: 0.5 };
    const views = Array.from({ length: 1000 }, () => drawView(random, size, settings));
    for (const {
      crop: [x, y, width, height],
    } of views) {
      expect(x >= 0 && y >= 0 && x + width <= 400 && y + height <= 200).toBe(true);
      expect(Math.abs(width / 2 - height)).toBeLessThanOrEqual(1);
    }
    const widths = views.map(({ crop }) => crop[2]);
    expect([Math.min(...widths) < 205, Math.max(...widths) > 395]).toEqual([true, true]);
    expect(Math.abs(views.filter(({ flipped }) => flipped).length - 500)).toBeLessThan(60);
    expect(drawView(random, size, PLAIN)).toEqual({ crop: [0, 0, 400, 200], flipped: false });
  });

  it("of a larger scale is a square window of the model's input, clipped to the image", () => {
    const random = createRandom(2);
    const settings = { ...PLAIN, scaleJitter: [1.6, 4] } as const;
    const crops = Array.from(
      { length: 500 },
      () => drawView(random, { width: 400, height: 200 }, settings).crop,
    );
    for (const [x, y, width, height] of crops) {
      expect(x >= 0 && y >= 0 && x + width <= 400 && y + height <= 200).toBe(true);
      expect([width >= 100 && width <= 250, height]).toEqual([true, Math.min(width, 200)]);
    }
    const scales = crops.map(([, , width]) => 400 / width);
    expect([Math.min(...scales) < 1.65, Math.max(...scales) > 3.9]).toEqual([true, true]);
    expect(scales.reduce((sum, scale) => sum + scale, 0) / 500).toBeCloseTo(2.8, 0);
  });

  it("of a smaller scale shows the whole image, padded", () => {
    const random = createRandom(3);
    const settings = { ...PLAIN, scaleJitter: [0.1, 1] } as const;
    const views = Array.from({ length: 500 }, () => drawView(random, { width: 40, height: 20 }, settings));
    for (const { crop } of views) expect(crop).toEqual([0, 0, 40, 20]);
    const shares = views.map(({ shrunk }) => shrunk!);
    expect([Math.min(...shares) < 0.12, Math.max(...shares) > 0.98]).toEqual([true, true]);

    const half = { ...wholeView(image), shrunk: 0.5 };
    expect(reds(viewImage(image, half)).slice(0, 3)).toEqual([0, 2, 124]); // 0.5 and 2.5, rounded to even
    expect([...runsToMask(viewMask(mask, half)).data]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("is coloured before it is shrunk, so that padding keeps its colour", () => {
    const view = { ...wholeView(image), color: [0, 1, 1], shrunk: 0.5 } as const;
    expect(reds(viewImage(image, view))).toEqual([0, 0, 124, 124, 0, 0, 124, 124, 124, 124, 124, 124]);
  });

  it("that is drawn again from the same seed is the same", () => {
    const settings = {
      flip: true,
      minCrop: 0.5,
      scaleJitter: [0.1, 2],
      brightness: 0.2,
      contrast: 0.2,
      saturation: 0.2,
    } as const;
    const draw = () => {
      const random = createRandom(4);
      return Array.from({ length: 20 }, () => drawView(random, { width: 300, height: 200 }, settings));
    };
    expect(draw()).toEqual(draw());
  });
});
