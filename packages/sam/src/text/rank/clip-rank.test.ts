import type { RgbaImage } from "@segany/masks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Sam } from "../../sam.js";
import { ELLIPSE_IMAGE, ellipseImage, openEllipses } from "../../testing/open-ellipses.js";
import type { Clip } from "../clip.js";
import { createClipRank } from "./clip-rank.js";

let sam: Sam;
let shown = 0;
let read: string[] = [];
beforeAll(async () => {
  sam = await openEllipses();
});
afterAll(() => sam.close());
beforeEach(() => {
  shown = 0;
  read = [];
});

/** Knows crops with white in them, and others. */
const clip = {
  checkpointSha256: "c".repeat(64),
  logitScale: 100,
  async embedText(texts: readonly string[]) {
    read.push(...texts);
    return texts.map((text) => (text.includes("white") ? Float32Array.of(1, 0) : Float32Array.of(0.6, 0.8)));
  },
  async embedImages(images: readonly RgbaImage[]) {
    shown += images.length;
    return images.map(({ data }) => {
      const isWhite = data.some((value, i) => i % 4 === 0 && value === 255);
      return isWhite ? Float32Array.of(1, 0) : Float32Array.of(0.6, 0.8);
    });
  },
  close: async () => undefined,
} as unknown as Clip;

const open = () =>
  createClipRank({
    clip,
    sam,
    generator: { behaviour: "official", pointsPerSide: 4, predIouThresh: -10, stabilityScoreThresh: 0 },
  });

describe("masks ranked by words", () => {
  it("are those that are more probable than all negatives, with boxes and without duplicates", async () => {
    const { engine, objects } = await open().ground(ellipseImage(), "white");
    expect(engine).toBe("clip-rank");
    expect(objects.length).toBeGreaterThan(0);
    for (const {
      label,
      score,
      boxXyxy: [x0, y0, x1, y1],
      mask,
    } of objects) {
      expect(label).toBe("white");
      expect(score).toBeGreaterThan(0.5);
      expect([mask!.width, mask!.height]).toEqual([ELLIPSE_IMAGE.width, ELLIPSE_IMAGE.height]);
      expect(x0 >= 0 && y0 >= 0 && x1 <= ELLIPSE_IMAGE.width && y1 <= ELLIPSE_IMAGE.height).toBe(true);
    }
    const everything = await open().ground(ellipseImage(), "white", { threshold: 0 });
    expect(everything.objects.length).toBeGreaterThanOrEqual(objects.length);
    expect((await open().ground(ellipseImage(), "grey", { threshold: 0.9 })).objects).toEqual([]);
  });

  it("are shown to CLIP once an image, and the negatives read once", async () => {
    const grounder = open();
    const image = ellipseImage();
    await grounder.ground(image, "white");
    const [first, negatives] = [shown, read.length];
    await grounder.ground(image, ["white", "grey"]);
    expect(shown).toBe(first);
    expect(read.slice(negatives).every((text) => /white|grey/.test(text))).toBe(true);
    await grounder.ground(ellipseImage(), "white");
    expect(shown).toBe(2 * first);
  });

  it("take any words, but no bad ones", async () => {
    const grounder = open();
    expect(grounder.check(" flux  capacitor ")).toBe("flux capacitor");
    await expect(grounder.ground(ellipseImage(), "")).rejects.toMatchObject({ code: "prompt-invalid" });
    await expect(grounder.ground(ellipseImage(), "a", { threshold: 2 })).rejects.toMatchObject({
      code: "option-invalid",
    });
  });
});
