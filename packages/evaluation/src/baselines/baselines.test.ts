import { describe, expect, it } from "vitest";
import { cannyEdges } from "./canny.js";
import { imageSobelEdges } from "./image-sobel.js";

/** A grey image of 60 x 40 pixels. */
function greyImage(level: (x: number, y: number) => number) {
  const data = new Uint8ClampedArray(60 * 40 * 4).fill(255);
  for (let y = 0; y < 40; y++)
    for (let x = 0; x < 60; x++) data.fill(level(x, y), 4 * (60 * y + x), 4 * (60 * y + x) + 3);
  return { width: 60, height: 40, data };
}

const step = greyImage((x) => (x < 30 ? 60 : 180));

describe("baselines", () => {
  it("find a step where it is", () => {
    for (const edges of [imageSobelEdges(step), cannyEdges(step)]) {
      const row = [...edges.data.subarray(60 * 20, 60 * 21)];
      const found = row.flatMap((value, x) => (value > 0.5 ? [x] : []));
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((x) => x === 29 || x === 30)).toBe(true);
    }
  });

  it("find nothing in an even image", () => {
    const even = greyImage(() => 90);
    expect(Math.max(...imageSobelEdges(even).data, ...cannyEdges(even).data)).toBe(0);
  });

  it("canny keeps a weak line that continues a strong one as long as the strong one itself", () => {
    const fading = greyImage((x, y) => (y < 20 ? 60 : x < 30 ? 180 : 130));
    const lonely = greyImage((x, y) => (x < 24 && y < 20 ? 60 : x < 24 ? 180 : x < 36 || y < 20 ? 60 : 130));
    const below = (image: typeof fading) => {
      const edges = cannyEdges(image, 1);
      return Math.max(edges.data[60 * 19 + 50]!, edges.data[60 * 20 + 50]!);
    };
    expect(below(fading)).toBeGreaterThan(0.95);
    expect(below(lonely)).toBeGreaterThan(0.5);
  });
});
