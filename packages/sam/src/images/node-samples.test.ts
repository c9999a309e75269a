import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type MadeTiff, makeTiff } from "../testing/make-tiff.js";
import { openImage, type ReadImageFileOptions, readImage } from "./node-images.js";

const WIDTH = 4;
const HEIGHT = 2;

const tiff = (made: Partial<MadeTiff> & Pick<MadeTiff, "sample">): Buffer =>
  makeTiff({ width: WIDTH, height: HEIGHT, bands: 1, bits: 16, photometric: 1, ...made });

/** Reads a file; the colours of its first row, and what was said. */
async function read(file: Uint8Array, options: ReadImageFileOptions = {}) {
  const notices: string[] = [];
  const { data, width, height } = await readImage(file, {
    name: "scan",
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  expect([width, height]).toEqual([WIDTH, HEIGHT]);
  const pixels = Array.from({ length: width }, (_, x) => [...data.subarray(4 * x, 4 * x + 4)]);
  return { pixels, notices, reds: pixels.map(([red]) => red!) };
}

describe("samples of 16 bits", () => {
  // 12 bits in a container of 16, and counts of a camera: what the high byte would make black.
  const NARROW: readonly (readonly [string, number, number])[] = [
    ["12 bits", 0, 4095],
    ["counts of a camera", 113, 434],
    ["bright counts", 60_000, 65_000],
    ["just less than half", 0, 32_767],
  ];

  it.each(NARROW)("are scaled from their own range: %s", async (_, low, high) => {
    const values = [low, high, Math.round(low + (high - low) / 3), low];
    const { reds, notices } = await read(tiff({ sample: (x) => values[x]! }));
    expect(reds).toEqual([0, 255, 85, 0]);
    expect(notices).toEqual([
      `scan has 16-bit samples from ${low} to ${high} only; they are scaled to 0..255 (intensity "full" does not).`,
    ]);
  });

  it("keep the high byte where they use half of the range, or where asked to", async () => {
    const wide = tiff({ sample: (x) => [0, 32_768, 0x12ff, 255][x]! });
    expect(await read(wide)).toMatchObject({ reds: [0, 128, 0x12, 0], notices: [] });
    const narrow = tiff({ sample: (x) => [0, 4095, 1024, 255][x]! });
    expect(await read(narrow, { intensity: "full" })).toMatchObject({ reds: [0, 15, 4, 0], notices: [] });
  });

  it("keep the colours' relation: one range for all three", async () => {
    const file = tiff({ bands: 3, photometric: 2, sample: (x, _, band) => (x === 0 ? 0 : 1000 * band) });
    expect((await read(file)).pixels[1]).toEqual([0, 128, 255, 255]);
  });

  it("of one value stay as they are", async () => {
    expect(await read(tiff({ sample: () => 0x4321 }))).toMatchObject({ reds: [67, 67, 67, 67], notices: [] });
  });

  it("leave alpha alone", async () => {
    const samples = [1000, 2000, 3000, 0xffff];
    const file = tiff({
      bands: 4,
      photometric: 2,
      sample: (x, _, band) => (x || band > 2 ? samples[band]! : 0),
    });
    expect((await read(file)).pixels[1]).toEqual([85, 170, 255, 255]);
  });

  it("are scaled between percentiles, without the outliers", async () => {
    const hot = (x: number, y: number) => (x + y === 0 ? 50_000 : 100 + x + WIDTH * y);
    const { reds } = await read(tiff({ sample: hot }), { intensity: [10, 80] });
    expect(reds).toEqual([255, 0, 42, 85]); // 101 to 107
  });

  it("are the same in a rendition as in the image", async () => {
    const file = tiff({ sample: (x) => 113 + 107 * x });
    const { data } = await readImage(file);
    const opened = await openImage(file);
    const png = await (await opened.pixels({ sequentialRead: true })).png().toBuffer();
    expect(await sharp(png).ensureAlpha().raw().toBuffer()).toEqual(Buffer.from(data));
  });
});

describe("percentiles", () => {
  it("make floating point readable, and leave out what is no number", async () => {
    const file = tiff({ bits: 32, sample: (x) => [Number.NaN, -1.5, 0, 1.5][x]! });
    await expect(readImage(file)).rejects.toMatchObject({ code: "image-unreadable" });
    expect((await read(file, { intensity: [0, 100] })).reds).toEqual([0, 0, 128, 255]);
  });

  it.each([
    [-1, 50],
    [50, 50],
    [60, 40],
    [0, 101],
    [Number.NaN, 50],
  ])("are refused as %s and %s", async (low, high) => {
    await expect(read(tiff({ sample: () => 0 }), { intensity: [low, high] })).rejects.toMatchObject({
      code: "option-invalid",
      message: expect.stringContaining(`${low},${high}`),
    });
  });

  it("stretch every kind of image", async () => {
    const raw = { raw: { width: WIDTH, height: HEIGHT, channels: 3 as const } };
    const dull = sharp(
      Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => 100 + (Math.floor(i / 3) % WIDTH)),
      raw,
    );
    const files = [
      await dull.clone().png().toBuffer(),
      await dull.clone().toColourspace("b-w").png().toBuffer(),
    ];
    for (const file of files)
      expect((await read(file, { intensity: [0, 100] })).reds).toEqual([0, 85, 170, 255]);
    const cmyk = await dull.clone().toColourspace("cmyk").tiff({ compression: "none" }).toBuffer();
    const colours = (await read(cmyk, { intensity: [0, 100] })).pixels.flatMap((pixel) => pixel.slice(0, 3));
    expect([Math.min(...colours), Math.max(...colours)]).toEqual([0, 255]);
  });
});

describe("bands", () => {
  const sample = (x: number, _: number, band: number) => 40 * (band + 1) + x;
  const KINDS: readonly Partial<MadeTiff>[] = [
    { bands: 3, photometric: 1 },
    { bands: 3, photometric: 1, declaresExtra: false },
    { bands: 4, photometric: 1 },
    { bands: 5, photometric: 1 },
    { bands: 5, photometric: 2 },
    { bands: 6, photometric: 1, declaresExtra: false },
    { bands: 6, photometric: 2 },
  ];

  it.each(KINDS)("are the first three by default: %o", async (kind) => {
    const { pixels, notices } = await read(tiff({ ...kind, bits: 8, sample }));
    expect(pixels[1]).toEqual([41, 81, 121, 255]);
    expect(notices).toEqual(
      kind.bands! > 3 ? [`scan has ${kind.bands} bands; 1, 2, 3 are read as red, green and blue.`] : [],
    );
  });

  it.each(KINDS)("are those that are asked for: %o", async (kind) => {
    for (const bits of [8, 16] as const) {
      const file = tiff({
        ...kind,
        bits,
        sample: (x, y, band) => sample(x, y, band) * (bits === 16 ? 257 : 1),
      });
      const options = { bands: [3, 2, 1], intensity: "full" } as const;
      expect((await read(file, options)).pixels[1]).toEqual([121, 81, 41, 255]);
      const { pixels, notices } = await read(file, { bands: [2], intensity: "full" });
      expect(pixels[1]).toEqual([81, 81, 81, 255]);
      expect(notices).toEqual([]);
    }
  });

  it("of 16 bits share one range", async () => {
    const file = tiff({ bands: 5, photometric: 1, sample: (x, _, band) => 100 * band + x });
    const { pixels, notices } = await read(file, { bands: [5, 3, 1] });
    expect(pixels[0]).toEqual([253, 127, 0, 255]); // 0 to 403
    expect(notices).toHaveLength(1);
  });

  it.each([[[7]], [[0, 1, 2]], [[1.5]], [[1, 2]], [[]], [[1, 2, 3, 4]]])(
    "are refused as %o",
    async (bands) => {
      const file = tiff({ bands: 6, photometric: 2, bits: 8, sample });
      await expect(read(file, { bands })).rejects.toMatchObject({ code: "option-invalid" });
    },
  );
});

describe("pages", () => {
  const stack = tiff({ bits: 8, pages: 3, sample: (x, _, __, page) => 50 * page + x });

  it("are read by number, the first by default", async () => {
    expect(await read(stack)).toMatchObject({
      reds: [0, 1, 2, 3],
      notices: ["scan has 3 pages or frames; the first is read."],
    });
    for (const page of [1, 2, 3])
      expect(await read(stack, { page })).toMatchObject({
        reds: [0, 1, 2, 3].map((x) => 50 * (page - 1) + x),
        notices: [],
      });
  });

  it("are frames in an animation", async () => {
    const frames = Uint8Array.from(
      { length: 3 * WIDTH * HEIGHT * 3 },
      (_, i) => 80 * Math.floor(i / (WIDTH * HEIGHT * 3)),
    );
    const raw = { width: WIDTH, height: HEIGHT * 3, channels: 3 as const, pageHeight: HEIGHT };
    for (const format of ["gif", "webp"] as const) {
      const file = await sharp(frames, { raw }).toFormat(format, { lossless: true }).toBuffer();
      expect((await read(file, { page: 3 })).reds).toEqual([160, 160, 160, 160]);
    }
  });

  it.each([0, 4, 1.5, -1])("are refused by the number %s", async (page) => {
    await expect(read(stack, { page })).rejects.toMatchObject({
      code: "option-invalid",
      message: `scan has no page ${page}: its pages are 1 to 3.`,
    });
  });
});

describe("BMP", () => {
  const pillow = join(import.meta.dirname, "../../../../fixtures/pillow");

  it("is refused where it is cut, or of another header", async () => {
    const file = readFileSync(join(pillow, "rgb24.bmp"));
    for (const length of [6, 20, 40, file.length - 20])
      await expect(readImage(file.subarray(0, length))).rejects.toMatchObject({ code: "image-unreadable" });
  });

  it("counts its pixels before anything is decoded", async () => {
    const bomb = Buffer.from(readFileSync(join(pillow, "rgb24.bmp")));
    bomb.writeInt32LE(100_000, 18);
    bomb.writeInt32LE(-100_000, 22);
    await expect(readImage(bomb)).rejects.toMatchObject({ code: "image-too-large" });
    bomb.writeInt32LE(-5, 18);
    await expect(readImage(bomb)).rejects.toMatchObject({ code: "image-empty" });
  });
});
