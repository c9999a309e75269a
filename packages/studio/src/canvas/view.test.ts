import { imagePoint } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clampToImage,
  clampView,
  fitView,
  isInsideImage,
  MAX_SCALE,
  panBy,
  resizeView,
  screenPoint,
  toImagePoint,
  toScreenPoint,
  visibleBoxXywh,
  wheelFactor,
  zoomAt,
} from "./view.js";

const image = { width: 4000, height: 3000 };
const stage = { width: 1000, height: 800 };

const anyView = fc.record({
  scale: fc.double({ min: 0.1, max: 60, noNaN: true }),
  offsetX: fc.double({ min: -5000, max: 900, noNaN: true }),
  offsetY: fc.double({ min: -5000, max: 700, noNaN: true }),
});

describe("fitting an image", () => {
  it("shows all of it in the middle, with a margin", () => {
    const view = fitView(image, stage);
    expect(view.scale).toBeCloseTo((1000 - 48) / 4000);
    expect(view.offsetX).toBeCloseTo(24);
    expect(view.offsetY).toBeCloseTo((800 - 3000 * view.scale) / 2);
  });

  it("does not enlarge a tiny image without end", () => {
    expect(fitView({ width: 2, height: 2 }, stage).scale).toBe(MAX_SCALE);
  });
});

describe("zooming", () => {
  it("leaves the place under the cursor where it is", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 100, max: 900, noNaN: true }),
        fc.double({ min: 100, max: 700, noNaN: true }),
        fc.double({ min: 1, max: 40, noNaN: true }),
        (x, y, factor) => {
          const view = fitView(image, stage);
          const before = toImagePoint(view, screenPoint([x, y]));
          fc.pre(isInsideImage(before, image));
          const after = toImagePoint(
            zoomAt(view, screenPoint([x, y]), factor, image, stage),
            screenPoint([x, y]),
          );
          expect(after[0]).toBeCloseTo(before[0], 6);
          expect(after[1]).toBeCloseTo(before[1], 6);
        },
      ),
    );
  });

  it("stays between a quarter of the fitting scale and the largest one", () => {
    const view = fitView(image, stage);
    expect(zoomAt(view, screenPoint([0, 0]), 1e-9, image, stage).scale).toBeCloseTo(view.scale / 4);
    expect(zoomAt(view, screenPoint([0, 0]), 1e9, image, stage).scale).toBe(MAX_SCALE);
  });

  it("answers a wheel's notch by about a fifth, and away from the user enlarges", () => {
    expect(wheelFactor(-100, false)).toBeCloseTo(1.197, 3);
    expect(wheelFactor(100, false) * wheelFactor(-100, false)).toBeCloseTo(1);
    expect(wheelFactor(1e9, false)).toBe(wheelFactor(240, false));
  });
});

describe("moving the image", () => {
  it("keeps some of it on the stage, however far it is pushed", () => {
    fc.assert(
      fc.property(anyView, fc.integer({ min: -20000, max: 20000 }), (view, push) => {
        const moved = panBy(view, push, -push, image, stage);
        const [x, y, width, height] = visibleBoxXywh(moved, image, stage);
        expect(x + y).toBeGreaterThanOrEqual(0);
        expect(Math.min(width, height) * moved.scale).toBeGreaterThan(40);
      }),
    );
  });

  it("changes nothing of a view that is in order", () => {
    const view = fitView(image, stage);
    expect(clampView(view, image, stage)).toBe(view);
  });

  it("of the stage's size keeps a fitted image fitted, and otherwise the middle in the middle", () => {
    const larger = { width: 1400, height: 900 };
    expect(resizeView(fitView(image, stage), image, stage, larger)).toEqual(fitView(image, larger));
    const close = { scale: 2, offsetX: -3000, offsetY: -2000 };
    expect(resizeView(close, image, stage, larger)).toEqual({ scale: 2, offsetX: -2800, offsetY: -1950 });
  });
});

describe("places", () => {
  it("go to the screen and back", () => {
    fc.assert(
      fc.property(anyView, fc.double({ min: 0, max: 4000, noNaN: true }), (view, x) => {
        const back = toImagePoint(view, toScreenPoint(view, imagePoint([x, 7])));
        expect(back[0]).toBeCloseTo(x, 6);
        expect(back[1]).toBeCloseTo(7, 6);
      }),
    );
  });

  it("are on the image from its first pixel to before its end", () => {
    expect(isInsideImage(imagePoint([0, 0]), image)).toBe(true);
    expect(isInsideImage(imagePoint([3999.9, 2999.9]), image)).toBe(true);
    expect(isInsideImage(imagePoint([4000, 10]), image)).toBe(false);
    expect(isInsideImage(imagePoint([10, -0.1]), image)).toBe(false);
    expect(clampToImage(imagePoint([-5, 3500]), image)).toEqual([0, 3000]);
  });

  it("that can be seen are cut at the image's edges, and whole pixels", () => {
    expect(visibleBoxXywh({ scale: 2, offsetX: 101, offsetY: -51 }, image, stage)).toEqual([0, 25, 450, 401]);
    expect(visibleBoxXywh({ scale: 1, offsetX: 5000, offsetY: 0 }, image, stage)).toEqual([0, 0, 0, 0]);
  });
});
