import { type MaskRuns, maskToRuns, type RgbaImage } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clip } from "./clip.js";
import { cropForPrompt, cropOfMask, cropWithContext } from "./mask-crops.js";
import { embedMasks, rankMasks } from "./rank-masks.js";

const COLOURS: Record<string, readonly number[]> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
};
const MEAN_COLOUR = [123, 117, 104, 255];

/** A model whose features are colours: the mean of an image without grey, and those that a text names. */
function colourClip() {
  const calls = { images: 0, texts: [] as string[] };
  const clip = {
    checkpointSha256: "ab",
    logitScale: 10,
    async embedImages(images: readonly RgbaImage[]) {
      calls.images += images.length;
      return images.map(meanColour);
    },
    async embedText(texts: readonly string[]) {
      calls.texts.push(...texts);
      return texts.map((text) => unit(COLOURS[/red|green|blue/.exec(text)?.[0] ?? "red"]!));
    },
  } as Partial<Clip> as Clip;
  return { clip, calls };
}

/** Three squares on black, and their masks. */
const places = { red: [2, 2, 10, 10], green: [20, 5, 10, 20], blue: [30, 30, 10, 10] } as const;
const image = drawn(
  40,
  40,
  Object.entries(places).map(([name, box]) => [COLOURS[name]!, box] as const),
);
const masks = Object.values(places).map((box) => rectangle(40, 40, box));

describe("ranking masks by words", () => {
  it("puts the mask first that a word describes, for every word, with its negatives' probability", async () => {
    const { clip } = colourClip();
    const features = await embedMasks(clip, image, masks);
    for (const [index, word] of Object.keys(places).entries()) {
      const plain = await rankMasks(clip, features, word);
      expect(plain.map((one) => one.index).sort()).toEqual([0, 1, 2]);
      expect(plain[0]!.index).toBe(index);
      expect(plain[0]!.probability).toBeUndefined();
      const negatives = Object.keys(places).filter((other) => other !== word);
      const ranked = await rankMasks(clip, features, word, { negatives });
      expect(ranked[0]!.index).toBe(index);
      expect(ranked[0]!.probability).toBeGreaterThan(0.99);
      expect(ranked[1]!.probability).toBeLessThan(0.01);
    }
  });

  it("needs the image tower only once, whatever number of words follows", async () => {
    const { clip, calls } = colourClip();
    const done: number[] = [];
    const many = [...masks, ...masks, ...masks];
    const features = await embedMasks(clip, image, many, { onProgress: (count) => done.push(count) });
    expect(calls.images).toBe(2 * many.length);
    expect(done).toEqual([4, 8, 9]);
    await rankMasks(clip, features, "green", { templates: ["one {}", "{} or {}"] });
    await rankMasks(clip, features, "blue $& {}", { templates: ["a {}"] });
    expect(calls.images).toBe(2 * many.length);
    expect(calls.texts).toEqual(["one green", "green or green", "a blue $& {}"]);
  });

  it("leaves out masks without pixels and those that hardly cover their crop", async () => {
    const { clip } = colourClip();
    const large = { width: 400, height: 400, data: new Uint8ClampedArray(400 * 400 * 4).fill(255) };
    const diagonal = new Uint8Array(400 * 400);
    for (let i = 0; i < 400; i++) diagonal[i * 401] = 1;
    const thin = maskToRuns({ width: 400, height: 400, data: diagonal });
    const all = [rectangle(400, 400, [0, 0, 0, 0]), thin, rectangle(400, 400, [5, 5, 9, 9])];
    const features = await embedMasks(clip, large, all);
    expect(features.vectors.map((vector) => vector !== undefined)).toEqual([false, false, true]);
    expect((await rankMasks(clip, features, "red")).map(({ index }) => index)).toEqual([2]);
    expect(await rankMasks(clip, await embedMasks(clip, image, []), "red")).toEqual([]);
  });

  it("refuses what it can't rank, with a code", async () => {
    const { clip } = colourClip();
    const features = await embedMasks(clip, image, masks);
    const fails = (promise: Promise<unknown>, code: string) =>
      expect(promise).rejects.toMatchObject({ code });
    await fails(embedMasks(clip, image, [rectangle(9, 9, [0, 0, 5, 5])]), "mask-invalid");
    await fails(embedMasks(clip, image, masks, { context: -1 }), "option-invalid");
    await fails(rankMasks(clip, features, "  "), "prompt-invalid");
    await fails(rankMasks(clip, features, "red", { negatives: [""] }), "prompt-invalid");
    await fails(rankMasks(clip, features, "red", { templates: [] }), "option-invalid");
    await fails(rankMasks(clip, features, "red", { templates: ["a photo"] }), "option-invalid");
    await fails(rankMasks(clip, { ...features, checkpointSha256: "cd" }, "red"), "embedding-mismatch");
  });
});

describe("crops of a mask", () => {
  const box = fc.tuple(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 12 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
  );
  const context = fc.double({ min: 0, max: 2, noNaN: true });

  it("are square, hold the whole mask, and elsewhere the image or the mean colour", () => {
    const noise = noisy(30, 22);
    fc.assert(
      fc.property(box, context, (place, extra) => {
        const mask = rectangle(30, 22, place);
        const [whole, only] = [cropWithContext(noise, mask, extra), cropOfMask(noise, mask, extra)];
        const [prompt, zeroed] = [false, true].map((isZeroed) =>
          cropForPrompt(noise, mask, { context: extra, zeroed: isZeroed }),
        );
        const side = whole.width;
        expect([whole.height, only.width, only.height]).toEqual([side, side, side]);
        expect(side).toBeGreaterThanOrEqual(Math.max(place[2], place[3]) * (1 + extra) - 1);
        const [left, top] = [
          place[0] - Math.floor((side - place[2]) / 2),
          place[1] - Math.floor((side - place[3]) / 2),
        ];
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++) {
            const [u, v] = [left + x, top + y];
            const within = u >= 0 && u < 30 && v >= 0 && v < 22;
            const [a, b, w, h] = place;
            const inside = u >= a && u < a + w && v >= b && v < b + h;
            expect(pixel(whole, x, y)).toEqual(within ? pixel(noise, u, v) : MEAN_COLOUR);
            expect(pixel(only, x, y)).toEqual(inside ? pixel(noise, u, v) : MEAN_COLOUR);
            const alpha = inside ? 255 : 0; // says where the object is
            expect(pixel(prompt, x, y)).toEqual([...pixel(whole, x, y).slice(0, 3), alpha]);
            expect(pixel(zeroed, x, y)).toEqual(inside ? pixel(prompt, x, y) : [0, 0, 0, 0]);
          }
      }),
      { numRuns: 30 },
    );
  });
});

function rectangle(width: number, height: number, [x, y, w, h]: readonly number[]): MaskRuns {
  const data = new Uint8Array(width * height);
  for (let row = y!; row < y! + h!; row++) data.fill(1, row * width + x!, row * width + x! + w!);
  return maskToRuns({ width, height, data });
}

function drawn(
  width: number,
  height: number,
  squares: readonly (readonly [readonly number[], readonly number[]])[],
): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (const [colour, [x, y, w, h]] of squares)
    for (let row = y!; row < y! + h!; row++)
      for (let column = x!; column < x! + w!; column++)
        data.set([...colour, 255], (row * width + column) * 4);
  return { width, height, data };
}

function noisy(width: number, height: number): RgbaImage {
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i * 7919 + 31) % 251);
  return { width, height, data };
}

function pixel({ width, data }: RgbaImage, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

function meanColour({ data }: RgbaImage): Float32Array {
  const sum = [0.1, 0.1, 0.1];
  for (let i = 0; i < data.length; i += 4)
    if (data[i] !== MEAN_COLOUR[0]) for (let c = 0; c < 3; c++) sum[c]! += data[i + c]!;
  return unit(sum);
}

function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => value / length);
}
