import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { sniffImage } from "./image-signature.js";
import { countPages, cutToPage } from "./node-one-page.js";

const pillow = join(import.meta.dirname, "../../../../fixtures/pillow");
const files = readdirSync(pillow)
  .filter((name) => /\.(jpg|png|webp|tif|gif)$/.test(name) && !name.includes("expected"))
  .map((name) => readFileSync(join(pillow, name)));

const stripes = Buffer.from(Array.from({ length: 3 * 4 * 12 }, (_, i) => (i * 41) % 256));
const pages = () => sharp(stripes, { raw: { width: 4, height: 12, channels: 3, pageHeight: 4 } });

const formatOf = (bytes: Uint8Array) => sniffImage(bytes).format!;
const cut = (bytes: Uint8Array) => cutToPage(bytes, formatOf(bytes));
const pixelsOf = (bytes: Uint8Array, page = 0) => sharp(bytes, { page }).raw().toBuffer();

function chunk(type: string, content: Uint8Array): Buffer {
  const frame = Buffer.alloc(12 + content.length);
  frame.writeUInt32BE(content.length, 0);
  frame.write(type, 4, "latin1");
  frame.set(content, 8);
  frame.writeUInt32BE(crc32(frame.subarray(4, -4)), frame.length - 4);
  return frame;
}

/** A little-endian EXIF block with one directory. */
function exifBlock(entries: readonly (readonly [tag: number, type: number, count: number, value: number])[]) {
  const block = Buffer.alloc(14 + 12 * entries.length);
  block.write("II*\0", 0, "latin1");
  block.writeUInt32LE(8, 4);
  block.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    block.writeUInt16LE(tag, at);
    block.writeUInt16LE(type, at + 2);
    block.writeUInt32LE(count, at + 4);
    block.writeUInt32LE(value, at + 8);
  }
  return block;
}

/** A JPEG segment. */
function jpegExif(block: Buffer): Buffer {
  const segment = Buffer.concat([Buffer.from("\xff\xe1..Exif\0\0", "latin1"), block]);
  segment.writeUInt16BE(segment.length - 2, 2);
  return segment;
}

describe("cutToPage", () => {
  it("leaves the pixels of whole files as they are", async () => {
    for (const file of files) expect(await pixelsOf(cut(file))).toEqual(await pixelsOf(file));
  });

  it.each(["gif", "tiff", "webp"] as const)("leaves one image of three in a %s", async (format) => {
    const file = await pages().toFormat(format, { compression: "lzw", lossless: true }).toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(3);
    const first = cut(file);
    expect((await sharp(first).metadata()).pages ?? 1).toBe(1);
    expect(await pixelsOf(first)).toEqual(await pixelsOf(file));
    await sharp(first, { failOn: "warning" }).stats(); // nothing is missing at its end
  });

  it.each(["gif", "tiff", "webp"] as const)("counts the pages of a %s", async (format) => {
    expect(countPages(await pages().toFormat(format).toBuffer(), format)).toBe(3);
    const one = await sharp(stripes, { raw: { width: 4, height: 12, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    expect(countPages(one, format)).toBe(1);
  });

  it("cuts each page out of a TIFF", async () => {
    for (const bigtiff of [false, true]) {
      const file = await pages().tiff({ compression: "none", bigtiff }).toBuffer();
      for (const page of [0, 1, 2]) {
        const alone = cutToPage(file, "tiff", page);
        expect((await sharp(alone).metadata()).pages ?? 1).toBe(1);
        expect(await pixelsOf(alone)).toEqual(await pixelsOf(file, page));
      }
      expect(cutToPage(file, "tiff", 3)).toBe(file);
    }
  });

  it("ends counting where the pages of a TIFF are a circle", async () => {
    const file = Uint8Array.from(await pages().tiff({ compression: "none" }).toBuffer());
    const view = new DataView(file.buffer);
    const first = view.getUint32(4, true);
    const nextAt = first + 2 + 12 * view.getUint16(first, true);
    view.setUint32(nextAt, first, true);
    expect(countPages(file, "tiff")).toBe(65_536);
  });

  it("leaves out the packed texts of a PNG, wherever they are, and keeps its orientation", async () => {
    const file = await pages().withMetadata({ orientation: 6 }).png().toBuffer();
    const text = chunk("zTXt", Buffer.concat([Buffer.from("k\0\0"), deflateSync(Buffer.alloc(1e6))]));
    const afterHeader = 8 + 25;
    const beforeEnd = file.length - 12;
    const parts = [file.subarray(0, afterHeader), text, file.subarray(afterHeader, beforeEnd), text];
    const first = cut(Buffer.concat([...parts, file.subarray(beforeEnd)]));
    expect(Buffer.from(first).includes("zTXt")).toBe(false);
    expect((await sharp(first).metadata()).orientation).toBe(6);
    expect(await pixelsOf(first)).toEqual(await pixelsOf(file));
  });

  it("keeps only the first of repeated chunks of a PNG, and no empty pixel data", async () => {
    const file = Buffer.from(cut(await pages().withMetadata({ orientation: 6 }).png().toBuffer()));
    const afterHeader = 8 + 25;
    const [bits, profile] = [chunk("sBIT", Buffer.of(8, 8, 8)), chunk("gAMA", Buffer.of(0, 0, 177, 143))];
    const repeated = [bits, bits, profile, bits, profile];
    const pixels = file.indexOf("IDAT") - 4;
    const empty = chunk("IDAT", Buffer.alloc(0));
    const parts = [file.subarray(0, afterHeader), ...repeated, file.subarray(afterHeader, pixels)];
    const first = Buffer.from(cut(Buffer.concat([...parts, empty, empty, file.subarray(pixels)])));
    const wanted = [file.subarray(0, afterHeader), bits, profile, file.subarray(afterHeader)];
    expect(first.equals(Buffer.concat(wanted))).toBe(true);
    expect(await pixelsOf(first)).toEqual(await pixelsOf(file));
  });

  it("keeps only the first of repeated chunks of a WebP", async () => {
    const file = await pages().withIccProfile("p3").webp({ lossless: true }).toBuffer();
    const size = 8 + file.readUInt32LE(34);
    const profile = file.subarray(30, 30 + size + (size & 1));
    expect(profile.toString("latin1", 0, 4)).toBe("ICCP");
    const many = Buffer.concat([file.subarray(0, 30), ...Array(9).fill(profile), file.subarray(30)]);
    many.writeUInt32LE(many.length - 8, 4);
    expect(Buffer.from(cut(many)).equals(Buffer.from(cut(file)))).toBe(true);
    expect(await pixelsOf(cut(many))).toEqual(await pixelsOf(file));
  });

  it.each(["jpeg", "png", "webp"] as const)(
    "leaves of the EXIF of a %s only its orientation",
    async (format) => {
      for (const orientation of [1, 3, 6, 8]) {
        const exif = { IFD0: { Make: "m".repeat(50) }, IFD2: { ExposureTime: "1/4" } };
        const file = await pages().withExif(exif).withMetadata({ orientation }).toFormat(format).toBuffer();
        expect((await sharp(file).metadata()).exif!.length).toBeGreaterThan(100);
        const first = cut(file);
        const { exif: kept, orientation: found = 1 } = await sharp(first).metadata();
        expect(found).toBe(orientation);
        expect(Buffer.from(first).includes("mmmm")).toBe(false);
        expect(kept === undefined).toBe(orientation === 1);
        expect(await pixelsOf(first)).toEqual(await pixelsOf(file));
      }
    },
  );

  it("keeps of the segments of a JPEG those that its pixels and colours need, and one EXIF block", async () => {
    const file = await pages().withIccProfile("p3").withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 6]), Buffer.from("text")]);
    const photoshop = Buffer.concat([Buffer.from([0xff, 0xed, 0, 6]), Buffer.from("8BIM")]);
    const exif = jpegExif(exifBlock([[0x0112, 3, 1, 3]]));
    const many = [file.subarray(0, 2), ...Array(50).fill(comment), photoshop, exif, exif, file.subarray(2)];
    const first = Buffer.from(cut(Buffer.concat(many)));
    expect([first.includes("text"), first.includes("8BIM")]).toEqual([false, false]);
    expect(first.toString("latin1").split("Exif\0\0")).toHaveLength(2);
    const { orientation, icc } = await sharp(first).metadata();
    expect([orientation, icc === undefined]).toEqual([3, false]);
    expect(await pixelsOf(first)).toEqual(await pixelsOf(file));
  });

  it("follows no pointers in EXIF: four thousand that lead back to themselves go", async () => {
    const pointers = Array.from({ length: 4000 }, () => [0x8769, 4, 1, 8] as const);
    const block = exifBlock([[0x0112, 3, 1, 6], ...pointers]);
    const plain = await pages().jpeg().toBuffer();
    const bomb = Buffer.concat([plain.subarray(0, 2), jpegExif(block), plain.subarray(2)]);
    const first = cut(bomb);
    expect(first.length).toBeLessThan(plain.length + 100);
    expect((await sharp(first).metadata()).orientation).toBe(6);
  });

  it("copies nothing where there is nothing to leave out, and never changes what it is given", async () => {
    const plain = await sharp(stripes, { raw: { width: 4, height: 12, channels: 3 } })
      .gif()
      .toBuffer();
    expect(cut(plain)).toBe(plain);
    for (const file of [...files, await pages().tiff().toBuffer()]) {
      const before = Buffer.from(file);
      cut(file);
      expect(before.equals(file)).toBe(true);
    }
  });

  it("ends on files that are cut anywhere, in the middle of what is replaced too", async () => {
    const turned = () => pages().withMetadata({ orientation: 6 });
    for (const format of ["png", "webp", "jpeg"] as const) {
      const file = await turned().toFormat(format).toBuffer();
      expect((await sharp(cutToPage(file, format)).metadata()).orientation).toBe(6);
      for (let length = 0; length < file.length; length++)
        expect(cutToPage(file.subarray(0, length), format).length).toBeLessThanOrEqual(length);
    }
  });

  it("ends on damaged and cut files, with no more bytes than there were", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...files), damage, fc.nat(), (file, changes, length) => {
        const bytes = Uint8Array.from(file.subarray(0, length % (file.length + 1)));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        for (const format of ["png", "gif", "tiff", "webp", "jpeg"] as const) {
          for (const page of [0, 1])
            expect(cutToPage(bytes, format, page).length).toBeLessThanOrEqual(bytes.length);
          expect(countPages(bytes, format)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
