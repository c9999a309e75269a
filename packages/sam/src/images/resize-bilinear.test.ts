import { join } from "node:path";
import type { RgbaImage, Size } from "@segany/masks";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import { ResizeLongestSide } from "../preprocessing/resize-longest-side.js";
import { type PlanarRgbImage, resizeBilinear } from "./resize-bilinear.js";

const photos = ["dog", "groceries", "still-life", "truck"];
const photoFile = (name: string) => `fixtures/sam/images/${name}.jpg`;
const resizedFile = (name: string) => `fixtures/sam/${name}.resized.png`;
const haveGoldens = haveSharedFiles(...photos.map(photoFile), ...photos.map(resizedFile));

/** Noise and what Pillow resized it to. */
const pillow = join(import.meta.dirname, "../../../../fixtures/pillow");
const resizedSizes = [
  [64, 40],
  [11, 7],
  [37, 5],
  [90, 23],
  [1, 1],
  [200, 2],
] as const;

async function readRgba(path: string): Promise<RgbaImage> {
  const { data, info } = await sharp(path).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8ClampedArray(data) };
}

/** Interleaves the planes: height x width x 3. */
function interleaved({ width, height, data }: PlanarRgbImage): Uint8Array {
  const area = width * height;
  return Uint8Array.from({ length: 3 * area }, (_, i) => data[(i % 3) * area + Math.floor(i / 3)]!);
}

/** A grey image of the given rows. */
function greyImage(rows: readonly (readonly number[])[]): RgbaImage {
  const data = Uint8ClampedArray.from(rows.flat().flatMap((value) => [value, value, value, 255]));
  return { width: rows[0]!.length, height: rows.length, data };
}

function firstPlane({ width, height, data }: PlanarRgbImage): number[] {
  return [...data.subarray(0, width * height)];
}

/**
 * The same filter in floating point, straight from its definition: a triangle as wide as the scale on each
 * side.
 */
function plainResize(image: RgbaImage, size: Size): number[] {
  const weight = (out: number, at: number, from: number, to: number) => {
    const support = Math.max(from / to, 1);
    return Math.max(0, 1 - Math.abs(at + 0.5 - (out + 0.5) * (from / to)) / support);
  };
  const planes: number[] = [];
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        let sum = 0;
        let weights = 0;
        for (let v = 0; v < image.height; v++) {
          for (let u = 0; u < image.width; u++) {
            const w = weight(x, u, image.width, size.width) * weight(y, v, image.height, size.height);
            sum += w * image.data[4 * (v * image.width + u) + channel]!;
            weights += w;
          }
        }
        planes.push(sum / weights);
      }
    }
  }
  return planes;
}

const side = fc.integer({ min: 1, max: 14 });
const anyImage = fc
  .record({ width: side, height: side, seed: fc.integer({ min: 1, max: 1 << 30 }) })
  .map(({ width, height, seed }): RgbaImage => {
    let state = seed;
    const data = Uint8ClampedArray.from({ length: 4 * width * height }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 24;
    });
    return { width, height, data };
  });

describe("resizeBilinear", () => {
  it("averages two by two pixels into one", () => {
    const resized = resizeBilinear(
      greyImage([
        [10, 20],
        [30, 41],
      ]),
      { width: 1, height: 1 },
    );
    // Rows first, each rounded (15 and 35.5 → 36), then 25.5 → 26.
    expect(firstPlane(resized)).toEqual([26]);
  });

  it("weighs neighbours 3 to 1 when doubling, and repeats the edge", () => {
    const resized = resizeBilinear(greyImage([[0, 100]]), { width: 4, height: 1 });
    expect(firstPlane(resized)).toEqual([0, 25, 75, 100]);
  });

  it("keeps the pixels when the size stays, and drops alpha", () => {
    const image = { width: 2, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 0, 4, 5, 6, 77) };
    expect([...resizeBilinear(image, image).data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("spreads one pixel over any size", () => {
    const resized = resizeBilinear(greyImage([[200]]), { width: 3, height: 5 });
    expect(firstPlane(resized)).toEqual(new Array(15).fill(200));
  });

  it("refuses sizes without pixels", () => {
    const image = greyImage([[1]]);
    expect(() => resizeBilinear(image, { width: 0, height: 4 })).toThrow(/0 x 4/);
    expect(() => resizeBilinear(image, { width: 2.5, height: 4 })).toThrow(/2\.5 x 4/);
    expect(() => resizeBilinear({ width: 0, height: 0, data: new Uint8ClampedArray() }, image)).toThrow(
      expect.objectContaining({ code: "image-empty" }),
    );
  });

  it("stays within a level of the same filter in floating point", () => {
    fc.assert(
      fc.property(anyImage, side, side, (image, width, height) => {
        const size = { width, height };
        const expected = plainResize(image, size);
        resizeBilinear(image, size).data.forEach((value, i) => {
          expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1.01);
        });
      }),
      { numRuns: 200 },
    );
  });

  it("handles extreme aspect ratios", () => {
    const wide: RgbaImage = { width: 5000, height: 1, data: new Uint8ClampedArray(20_000).fill(90) };
    const resized = new ResizeLongestSide(1024).applyImage(wide);
    expect([resized.width, resized.height]).toEqual([1024, 1]);
    expect(new Set(resized.data)).toEqual(new Set([90]));
  });

  it.each(resizedSizes)("equals Pillow on noise of 37 x 23 at %i x %i", async (width, height) => {
    const image = await readRgba(join(pillow, "resize.png"));
    const expected = await sharp(join(pillow, `resize.${width}x${height}.png`))
      .raw()
      .toBuffer();
    expect(Buffer.compare(interleaved(resizeBilinear(image, { width, height })), expected)).toBe(0);
  });

  it.skipIf(!haveGoldens).each(photos)("equals Pillow byte for byte: %s", async (name) => {
    const photo = await readRgba(sharedFile(photoFile(name)));
    const expected = await sharp(sharedFile(resizedFile(name)))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const resized = new ResizeLongestSide(1024).applyImage(photo);
    expect([resized.width, resized.height]).toEqual([expected.info.width, expected.info.height]);
    expect(Buffer.compare(interleaved(resized), expected.data)).toBe(0);
  });
});
