import { readFile } from "node:fs/promises";
import { readNpy } from "@segany/graph/weights";
import type { RgbaImage } from "@segany/masks";
import fc from "fast-check";
import sharp from "sharp";
import { expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import { readImage } from "../images/node-images.js";
import { clipCrop, clipPixels } from "./clip-pixels.js";

const fixture = (name: string) => new URL(`../../../../fixtures/text/${name}`, import.meta.url).pathname;
const LARGEST_STEP = 1 / 255 / 0.26;

it("resizes, crops and normalises like transformers' CLIPImageProcessor", async () => {
  const expected = await readNpy(await readFile(fixture("small.clip_64.npy")));
  expect(expected.shape).toEqual([3, 64, 64]);
  const actual = clipPixels(await readImage(fixture("small.png")), 64);
  expect(greatestDifference(actual, expected.data as Float32Array)).toBeLessThan(LARGEST_STEP);
});

const crop = "fixtures/text/still-life.clip224.png";
it.skipIf(!haveSharedFiles(crop))("crops a photo like openai/CLIP, within 1 of 255", async () => {
  const { data, info } = await sharp(sharedFile(crop))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([224, 224, 3]);
  const photo = await readImage(new URL("../../../../examples/still-life.jpg", import.meta.url).pathname);
  const actual = clipCrop(photo, 224).data;
  const expected = Uint8Array.from(
    actual,
    (_, i) => data[(i % (224 * 224)) * 3 + Math.floor(i / (224 * 224))]!,
  );
  expect(greatestDifference(actual, expected)).toBeLessThanOrEqual(1);
});

it("keeps the colour of a plain image, whatever its size", () => {
  const side = fc.integer({ min: 1, max: 90 });
  fc.assert(
    fc.property(side, side, fc.tuple(byte(), byte(), byte()), (width, height, colour) => {
      const { data } = clipCrop(plain(width, height, colour), 16);
      colour.forEach((value, plane) => {
        expect(new Set(data.subarray(plane * 256, (plane + 1) * 256))).toEqual(new Set([value]));
      });
    }),
    { numRuns: 40 },
  );
});

it("refuses images without pixels, and very narrow ones before memory is taken for them", () => {
  expect(() => clipPixels(plain(0, 5, [0, 0, 0]), 224)).toThrow(
    expect.objectContaining({ code: "image-empty" }),
  );
  expect(() => clipPixels(plain(1, 5000, [0, 0, 0]), 224)).toThrow(
    expect.objectContaining({ code: "option-invalid" }),
  );
});

function byte() {
  return fc.integer({ min: 0, max: 255 });
}

function plain(width: number, height: number, colour: readonly number[]): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set([...colour, 255], i);
  return { width, height, data };
}

function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let greatest = 0;
  for (let i = 0; i < a.length; i++) greatest = Math.max(greatest, Math.abs(a[i]! - b[i]!));
  return greatest;
}
