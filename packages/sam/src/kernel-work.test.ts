/**
 * A watch against slower kernels that does not depend on the machine: how many blocks of their code are
 * entered for a pixel or a pair. Bounds are a quarter above what was seen, since engines tell blocks apart
 * differently.
 */

import {
  decodeRle,
  encodeRle,
  maskToPolygons,
  nonMaximumSuppression,
  removeSmallRegions,
  rleIou,
  squaredDistances,
} from "@segany/masks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resizeBilinear } from "./images/resize-bilinear.js";
import { createMaskUpscaler } from "./postprocessing/mask-upscaling.js";
import { type BlockCounter, openBlockCounter } from "./testing/block-counter.js";

const KERNELS = /packages\/(masks|sam)\/(src|dist)\//;
const [WIDTH, HEIGHT] = [600, 400];
const PIXELS = WIDTH * HEIGHT;

let counter: BlockCounter;
beforeAll(async () => {
  counter = await openBlockCounter();
});
afterAll(() => counter.close());

function disc(x: number, y: number, radius: number) {
  const data = Uint8Array.from({ length: PIXELS }, (_, i) =>
    Number(Math.hypot((i % WIDTH) - x, Math.floor(i / WIDTH) - y) < radius),
  );
  return { width: WIDTH, height: HEIGHT, data };
}

/** Blocks entered by a second run: the first one also sets things up. */
async function blocks(run: () => unknown): Promise<number> {
  run();
  const entered = await counter.count(KERNELS, run);
  expect(entered).toBeGreaterThan(0); // otherwise the kernels lie elsewhere than is looked
  return entered;
}

describe("blocks entered for each pixel of a mask of 600x400", () => {
  const mask = disc(300, 200, 150);

  it.each([
    ["encoding run lengths", 0.69, () => encodeRle(mask)],
    ["removing small islands", 0.7, () => removeSmallRegions(mask, 100, "islands")],
    ["tracing outlines", 0.7, () => maskToPolygons(mask)],
    ["the distance transform", 11.5, () => squaredDistances(mask)],
  ])("%s: at most %f", async (_, most, run) => {
    expect((await blocks(run)) / PIXELS).toBeLessThan(most);
  });

  it("decoding run lengths: at most 0.14", async () => {
    const rle = encodeRle(mask);
    expect((await blocks(() => decodeRle(rle))) / PIXELS).toBeLessThan(0.14);
  });
});

describe("blocks entered for each pair", () => {
  it("of masks by their run lengths: at most 310", async () => {
    const masks = Array.from({ length: 40 }, (_, i) => encodeRle(disc(15 * i, 200, 60)));
    expect((await blocks(() => rleIou(masks, masks))) / masks.length ** 2).toBeLessThan(310);
  });

  it("of boxes that suppression compares: at most 4.7", async () => {
    const boxes = Array.from({ length: 500 }, (_, i) => {
      const [x, y] = [(i * 37) % WIDTH, (i * 91) % HEIGHT];
      return [x, y, x + 40, y + 30] as const;
    });
    const scores = boxes.map((_, i) => (i * 7919) % 500);
    const pairs = (boxes.length * (boxes.length - 1)) / 2;
    expect((await blocks(() => nonMaximumSuppression(boxes, scores, 0.7))) / pairs).toBeLessThan(4.7);
  });
});

describe("blocks entered for each pixel of the image of 1200x800 that a mask is made for", () => {
  const upscaler = createMaskUpscaler({
    lowResSize: 256,
    modelSize: 1024,
    inputSize: { width: 1024, height: 683 },
    originalSize: { width: 1200, height: 800 },
  });
  const lowRes = Float32Array.from(
    { length: 256 ** 2 },
    (_, i) => (60 - Math.hypot((i % 256) - 120, Math.floor(i / 256) - 90)) / 4,
  );

  it.each([
    ["its logits", 3.5, () => upscaler.upscale(lowRes)],
    ["its box", 0.31, () => upscaler.box(lowRes, 0)],
    ["its run lengths", 0.69, () => upscaler.toRuns(lowRes, 0)],
    ["its area, box and stability", 0.9, () => upscaler.statistics(lowRes, 0, 1)],
    ["its stability", 0.65, () => upscaler.stability(lowRes, 0, 1)],
    ["that it is not stable", 0.45, () => upscaler.stability(lowRes, 0, 1, 0.95)],
  ])("%s: at most %f", async (_, most, run) => {
    expect((await blocks(run)) / (1200 * 800)).toBeLessThan(most);
  });
});

it("resizing enters at most 5 blocks for each pixel of an image that shrinks to a quarter of its sides", async () => {
  const image = { width: WIDTH, height: HEIGHT, data: new Uint8ClampedArray(4 * PIXELS).map((_, i) => i) };
  const resized = await blocks(() => resizeBilinear(image, { width: WIDTH / 4, height: HEIGHT / 4 }));
  expect(resized / PIXELS).toBeLessThan(5);
});
