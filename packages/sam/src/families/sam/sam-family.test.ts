import { describe, expect, it } from "vitest";
import type { PlanarRgbImage } from "../../images/resize-bilinear.js";
import { publishedDecoder, vitHuge } from "../../testing/random-checkpoint.js";
import { SMALL_ARCHITECTURE } from "../../testing/small-architecture.js";
import type { Architecture, TinyVitArchitecture } from "./architecture.js";
import { samFamily } from "./sam-family.js";

const HUGE: Architecture = { encoder: vitHuge, decoder: publishedDecoder };
const tinyVit: TinyVitArchitecture = {
  kind: "tiny_vit",
  imageSize: 512,
  embedDims: [64, 128, 160, 320],
  depths: [2, 2, 6, 2],
  numHeads: [0, 4, 5, 10],
  windowSizes: [0, 7, 14, 7],
  outChannels: 256,
};

describe("what goes into a SAM and comes out", () => {
  it("is that of the published models", () => {
    expect(samFamily.io(HUGE)).toEqual({
      imageSide: 1024,
      fit: "pad",
      features: { image_embeddings: [1, 256, 64, 64] },
      maskSide: 256,
      tokenWidth: 256,
    });
  });

  it("follows the size of the image and of its patches", () => {
    const patches = { ...HUGE, encoder: { ...vitHuge, imageSize: 512, patchSize: 8 } };
    expect(samFamily.io(patches)).toMatchObject({ imageSide: 512, maskSide: 256 });
    expect(samFamily.io({ ...HUGE, encoder: tinyVit })).toMatchObject({
      features: { image_embeddings: [1, 256, 32, 32] },
      maskSide: 128,
    });
  });
});

describe("a SAM's input", () => {
  const image: PlanarRgbImage = { width: 2, height: 1, data: Uint8Array.of(0, 255, 10, 20, 30, 40) };

  it("is normalised by the published mean and deviation, and made anew in the same place", () => {
    const first = samFamily.prepare(image, SMALL_ARCHITECTURE);
    const { shape, data } = first.image!;
    expect(shape).toEqual([1, 3, 128, 128]);
    expect(data[0]).toBeCloseTo(-123.675 / 58.395, 6);
    expect(data[1]).toBeCloseTo((255 - 123.675) / 58.395, 6);
    expect(data[128 * 128]).toBeCloseTo((10 - 116.28) / 57.12, 6);
    expect(data[2 * 128 * 128 + 1]).toBeCloseTo((40 - 103.53) / 57.375, 6);
    expect(samFamily.prepare(image, SMALL_ARCHITECTURE, first).image!.data).toBe(data);
  });
});

it("a SAM whose embedding can't be cut into blocks has no close look", () => {
  const withSide = (imageSize: number) => samFamily.foveal!({ ...HUGE, encoder: { ...vitHuge, imageSize } });
  expect(withSide(14 * 16)).toBeUndefined();
  expect(withSide(8 * 16)?.windowPx).toBe(128);
  const published = withSide(1024)!;
  expect(published.windowPx).toBe(256);
  expect(published.place(1024, 0)).toMatchObject({ x: 192, y: 0, side: 64 });
});
