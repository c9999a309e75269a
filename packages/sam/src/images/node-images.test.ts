import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { type RgbaImage, SamError } from "@segany/masks";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readImageHeader } from "./node-image-header.js";
import { readImage } from "./node-images.js";
import { loadSharp } from "./node-sharp.js";

/** Files of many kinds, each with what Pillow makes of it beside it (`.expected.png`). */
const pillow = join(import.meta.dirname, "../../../../fixtures/pillow");
const pillowFiles = readdirSync(pillow).filter((name) =>
  readdirSync(pillow).includes(`${name}.expected.png`),
);

const WIDTH = 6;
const HEIGHT = 4;
const colours = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (i * 37) % 256);
const raw = { raw: { width: WIDTH, height: HEIGHT, channels: 3 as const } };
const sample = () => sharp(colours, raw);

/** The colours without alpha, row-major. */
function rgb({ data }: RgbaImage): number[] {
  return [...data].filter((_, i) => i % 4 !== 3);
}

function pngChunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of given header and filtered rows, for kinds that sharp doesn't write. */
function makePng(
  width: number,
  height: number,
  bitDepth: number,
  colourType: number,
  rows: Uint8Array,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

/** A TIFF of one pixel with four 16-bit inks (photometric 5), uncompressed. */
function makeCmyk16Tiff(inks: readonly number[]): Buffer {
  const short = 3;
  const entries = [
    ...[
      [256, short, 1, 1],
      [257, short, 1, 1],
      [258, short, 4, 8],
      [259, short, 1, 1],
      [262, short, 1, 5],
    ],
    ...[
      [273, short, 1, 16],
      [277, short, 1, 4],
      [278, short, 1, 1],
      [279, short, 1, 8],
    ],
  ] as const;
  const file = Buffer.alloc(24 + 2 + 12 * entries.length + 4);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(24, 4);
  for (let i = 0; i < 4; i++) {
    file.writeUInt16LE(16, 8 + 2 * i);
    file.writeUInt16LE(inks[i]!, 16 + 2 * i);
  }
  file.writeUInt16LE(entries.length, 24);
  entries.forEach(([tag, type, count, value], i) => {
    file.writeUInt16LE(tag, 26 + 12 * i);
    file.writeUInt16LE(type, 28 + 12 * i);
    file.writeUInt32LE(count, 30 + 12 * i);
    file.writeUInt32LE(value, 34 + 12 * i);
  });
  return file;
}

describe("readImage", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-images-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ["PNG", () => sample().png()],
    ["WebP", () => sample().webp({ lossless: true })],
    ["TIFF", () => sample().tiff({ compression: "lzw" })],
    ["AVIF", () => sample().avif({ lossless: true, chromaSubsampling: "4:4:4" })],
  ])("reads %s to the level", async (_, make) => {
    const image = await readImage(await make().toBuffer());
    expect([image.width, image.height]).toEqual([WIDTH, HEIGHT]);
    expect(rgb(image)).toEqual([...colours]);
    expect(image.data[3]).toBe(255);
  });

  it("reads JPEG and GIF", async () => {
    const grey = sharp({ create: { width: 5, height: 3, channels: 3, background: { r: 90, g: 90, b: 90 } } });
    expect(rgb(await readImage(await grey.clone().jpeg().toBuffer()))).toEqual(new Array(45).fill(90));
    expect(rgb(await readImage(await grey.clone().gif().toBuffer()))).toEqual(new Array(45).fill(90));
  });

  it("reads a path as it reads the bytes", async () => {
    const path = join(folder, "a b ü [1].png");
    await sample().png().toFile(path);
    expect(rgb(await readImage(path))).toEqual([...colours]);
  });

  it("turns the image by its EXIF orientation", async () => {
    const turned = await sample().withMetadata({ orientation: 6 }).png().toBuffer();
    const image = await readImage(turned);
    expect([image.width, image.height]).toEqual([HEIGHT, WIDTH]);
    const lowerLeft = 3 * WIDTH * (HEIGHT - 1);
    expect(rgb(image).slice(0, 3)).toEqual([...colours.slice(lowerLeft, lowerLeft + 3)]);
  });

  it("ignores colour profiles", async () => {
    const profiled = await sample().withIccProfile("p3", { attach: true }).png().toBuffer();
    const stored = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer();
    expect([...stored]).not.toEqual([...colours]);
    expect(rgb(await readImage(profiled))).toEqual([...stored]);
  });

  it("keeps alpha beside untouched colours", async () => {
    const data = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128);
    const file = await sharp(data, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await readImage(file)).data]).toEqual([...data]);
  });

  it("reads 1-bit grey", async () => {
    const image = await readImage(makePng(3, 1, 1, 0, Uint8Array.of(0, 0b10100000)));
    expect(rgb(image)).toEqual([255, 255, 255, 0, 0, 0, 255, 255, 255]);
  });

  it("takes the high byte of 16-bit grey and colours", async () => {
    const grey = await readImage(makePng(2, 1, 16, 0, Uint8Array.of(0, 0x12, 0xff, 0xfe, 0x00)));
    expect(rgb(grey)).toEqual([0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe]);
    const rgb16 = await readImage(makePng(1, 1, 16, 2, Uint8Array.of(0, 0x01, 0xff, 0x80, 0x00, 0xff, 0xff)));
    expect(rgb(rgb16)).toEqual([0x01, 0x80, 0xff]);
  });

  it("takes the high byte of 16-bit CMYK, printed the plain way", async () => {
    const tiff = await readImage(makeCmyk16Tiff([0, 0x80ff, 0xffff, 0x3300]));
    expect([...tiff.data]).toEqual([204, 102, 0, 255]);
  });

  it.each(pillowFiles)("equals Pillow: %s", async (name) => {
    const image = await readImage(join(pillow, name));
    const expected = await sharp(join(pillow, `${name}.expected.png`))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([image.width, image.height]).toEqual([expected.info.width, expected.info.height]);
    expect(rgb(image)).toEqual([...expected.data]);
  });

  it.each([
    ["image-empty", "0 bytes", Buffer.alloc(0)],
    ["image-empty", "without pixels", makePng(0, 5, 8, 2, new Uint8Array())],
    ["image-unreadable", "JPEG, PNG", Buffer.from("no image")],
    [
      "image-unreadable",
      "SVG",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    [
      "image-too-large",
      "30000 x 30000 pixels (900 megapixels), above the limit of 268 megapixels",
      makePng(30_000, 30_000, 8, 2, new Uint8Array(9)),
    ],
  ])("refuses with %s: %s", async (code, text, bytes) => {
    await expect(readImage(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it.each([
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ["SVG", '\ufeff <?xml version="1.0"?><!-- a --><svg width="9" height="9"/>'],
    ["compressed by gzip", gzipSync('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ["PDF", "%PDF-1.7"],
    ["of an unknown format", "P6 1 1 255\nabc"],
  ])("has no decoder for what is %s, by bytes or by path", async (kind, content) => {
    const path = join(folder, "named.png");
    await writeFile(path, content);
    const error = { code: "image-unreadable", message: expect.stringContaining(` is ${kind} by`) };
    await expect(readImage(Buffer.from(content))).rejects.toMatchObject(error);
    await expect(readImage(path)).rejects.toMatchObject(error);
    await expect(readImageHeader(path)).rejects.toMatchObject(error);
    const opened = await loadSharp();
    await expect(opened(path).metadata()).rejects.toThrow("unsupported image format");
  });

  it("keeps libvips' own format and all else from opening after the first image", async () => {
    await readImage(await sample().png().toBuffer());
    const path = join(folder, "a.v");
    await sample().toFile(path);
    await expect(sharp(path).metadata()).rejects.toThrow("unsupported image format");
  });

  it("doesn't unfold packed texts", async () => {
    const text = Buffer.concat([Buffer.from("k\0\0"), deflateSync(Buffer.alloc(7_900_000, "A"))]);
    const file = await sample().png().toBuffer();
    const texts = Array<Buffer>(60).fill(pngChunk("zTXt", text));
    const bomb = Buffer.concat([file.subarray(0, 33), ...texts, file.subarray(33)]);
    const path = join(folder, "texts.png");
    await writeFile(path, bomb);
    const before = process.resourceUsage().maxRSS;
    expect(rgb(await readImage(bomb))).toEqual([...colours]);
    expect(await readImageHeader(path)).toMatchObject({ format: "png", width: WIDTH, height: HEIGHT });
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(200_000); // KiB; unfolded they are 474 MB
  });

  it("refuses a TIFF of so many channels that its size says nothing", async () => {
    const file = makeCmyk16Tiff([0, 0, 0, 0]);
    file.writeUInt16LE(60_000, 26 + 12 * 6 + 8); // samples a pixel
    const refused = readImage(file, { maxPixels: 1000 });
    await expect(refused).rejects.toMatchObject({
      code: expect.stringMatching(/image-(too-large|unreadable)/),
    });
  });

  it("counts pixels against maxPixels", async () => {
    const file = await sample().png().toBuffer();
    await expect(readImage(file, { maxPixels: WIDTH * HEIGHT - 1 })).rejects.toMatchObject({
      code: "image-too-large",
    });
    expect((await readImage(file, { maxPixels: WIDTH * HEIGHT })).width).toBe(WIDTH);
  });

  it.each(["jpeg", "png", "webp", "tiff", "gif"] as const)("refuses a %s that is cut off", async (format) => {
    const noise = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    await expect(readImage(whole.subarray(0, whole.length * 0.6))).rejects.toMatchObject({
      code: "image-unreadable",
    });
  });

  it("refuses samples whose range is unknown", async () => {
    const floats = await sample().toColourspace("scrgb").tiff({ compression: "none" }).toBuffer();
    const { depth } = await sharp(floats).metadata();
    expect(depth).toBe("float");
    await expect(readImage(floats)).rejects.toMatchObject({ code: "image-unreadable" });
  });

  it("gives a whole image or a SamError for damaged files", async () => {
    const files = ["cmyk.jpg", "lossy.webp", "pal_ta.png", "cmyk_lzw.tif", "first.gif"].map((name) =>
      readFileSync(join(pillow, name)),
    );
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, async (file, changes) => {
        const bytes = Uint8Array.from(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const image = await readImage(bytes, { maxPixels: 1_000_000 }).catch((error: unknown) => error);
        if (image instanceof SamError) return;
        const { width, height, data } = image as RgbaImage;
        expect(data.length).toBe(4 * width * height);
      }),
      { numRuns: 200 },
    );
  });

  it("reads of a file that is no image, however large, no more than its beginning", async () => {
    const large = join(folder, "large.jpg");
    await writeFile(large, "no image");
    await truncate(large, 2 ** 42);
    await expect(readImage(large)).rejects.toMatchObject({
      code: "image-unreadable",
      message: expect.stringMatching(/large\.jpg" is of an unknown format/),
    });
  });

  it("names the file it can't read and says why", async () => {
    await expect(readImage(join(folder, "missing.jpg"))).rejects.toMatchObject({
      code: "file-unreadable",
      message: expect.stringMatching(/missing\.jpg.*no such file/),
    });
    await expect(readImage(folder)).rejects.toMatchObject({
      code: "file-unreadable",
      message: expect.stringContaining("folder"),
    });
    const text = join(folder, "note.jpg");
    await writeFile(text, "a note");
    await expect(readImage(text)).rejects.toMatchObject({ message: expect.stringContaining("note.jpg") });
  });

  it("stops when asked, before and while decoding", async () => {
    const file = await sharp({ create: { width: 3000, height: 3000, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    await expect(readImage(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    const controller = new AbortController();
    const reading = readImage(file, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(reading).rejects.toMatchObject({ code: "aborted" });
  });
});
