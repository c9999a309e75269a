/** Sizes and masks as seen and as stored; sharp turns the pixels that they are compared with. */
import { join } from "node:path";
import { decodeRle, encodeRle, type Mask, rleArea } from "@segany/masks";
import { readImage } from "@segany/sam/images";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { convert } from "../convert/convert.js";
import { openDataset } from "../convert/open-dataset.js";
import { writeInpainting } from "../inpainting/write-inpainting.js";
import { createReadLossCounter } from "../read-losses.js";
import type { DatasetRecord } from "../record.js";
import { lay } from "../testing/mask-sets.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { validate } from "../validate/validate.js";
import { writeContactSheet } from "../view/contact-sheet.js";

/** A mask as the image itself: white inside, with the orientation as a flag of the file. */
async function fileOf(
  { width, height, data }: Mask,
  orientation: number,
  format: "jpeg" | "png" | "webp" | "tiff" = "png",
): Promise<Uint8Array> {
  const raw = { width, height, channels: 1 as const };
  const image = sharp(
    data.map((value) => value * 255),
    { raw },
  ).withMetadata({ orientation });
  return new Uint8Array(await image.toFormat(format, format === "webp" ? { lossless: true } : {}).toBuffer());
}

/** The mask of the pixels that are seen. */
async function seenMask(file: Uint8Array): Promise<Mask> {
  const { width, height, data } = await readImage(file);
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => (data[4 * i]! > 127 ? 1 : 0)),
  };
}

/** COCO with the sizes that the masks have. */
function cocoOf(images: readonly { readonly name: string; readonly mask: Mask; readonly fields?: object }[]) {
  return JSON.stringify({
    images: images.map(({ name, mask: { width, height } }, i) => ({
      id: i + 1,
      file_name: name,
      width,
      height,
    })),
    annotations: images.map(({ mask, fields }, i) => ({
      id: i + 1,
      image_id: i + 1,
      category_id: 1,
      segmentation: encodeRle(mask),
      ...fields,
    })),
    categories: [{ id: 1, name: "cat" }],
  });
}

async function setOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const path = await makeTemporaryFolder();
  await lay(path, files);
  return path;
}

async function read(path: string): Promise<{ readonly records: DatasetRecord[]; readonly stored: number }> {
  const { onLoss, list } = createReadLossCounter();
  const records: DatasetRecord[] = [];
  for await (const record of (await openDataset(path)).records({ onLoss })) records.push(record);
  return { records, stored: list().find(({ kind }) => kind === "storedSizes")?.count ?? 0 };
}

/** A square of 800 pixels in a photo of 64 x 48 that is seen upright. */
const square = { bbox: [4, 4, 40, 20], segmentation: [[4, 4, 44, 4, 44, 24, 4, 24]] };
const blank = (width: number, height: number): Mask => ({
  width,
  height,
  data: new Uint8Array(width * height),
});
const photo = () => fileOf(blank(64, 48), 6, "jpeg");

describe("masks of images that EXIF turns", () => {
  it("any mask is turned with its image, for all orientations and sizes", async () => {
    const mask = fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
      .filter(([width, height]) => width !== height)
      .chain(([width, height]) =>
        fc
          .uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
          .map((data) => ({ width, height, data })),
      );
    await fc.assert(
      fc.asyncProperty(mask, fc.integer({ min: 1, max: 8 }), async (stored, orientation) => {
        const [file, other] = [await fileOf(stored, orientation), await fileOf(blank(3, 2), 6)];
        // The second image tells that sizes are as stored, also of flips.
        const path = await setOf({
          "annotations.json": cocoOf([
            { name: "a.png", mask: stored },
            { name: "b.png", mask: blank(3, 2) },
          ]),
          "images/a.png": file,
          "images/b.png": other,
        });
        const { records } = await read(path);
        expect(decodeRle(records[0]!.annotations[0]!.segmentation!)).toEqual(await seenMask(file));
      }),
      { numRuns: 60 },
    );
  });

  it.each(["jpeg", "png", "webp", "tiff"] as const)("the orientation of a %s is found", async (format) => {
    const path = await setOf({
      "annotations.json": cocoOf([{ name: `a.${format}`, mask: blank(64, 48), fields: square }]),
      [`images/a.${format}`]: await fileOf(blank(64, 48), 6, format),
    });
    const { records, stored } = await read(path);
    expect(stored).toBe(1);
    expect(records[0]).toMatchObject({
      image: { width: 48, height: 64 },
      annotations: [{ bboxXywh: [24, 4, 20, 40], polygons: [[44, 4, 44, 44, 24, 44, 24, 4]] }],
    });
    expect(rleArea(records[0]!.annotations[0]!.segmentation!)).toBe(800);
  });

  it.each(["webp", "png", "jpeg"] as const)(
    "it is found in a large %s, where it may be behind",
    async (format) => {
      let state = 1;
      const noise = Uint8Array.from({ length: 500 * 400 * 3 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
      const image = sharp(noise, { raw: { width: 500, height: 400, channels: 3 } }).withMetadata({
        orientation: 8,
      });
      const file = await image.toFormat(format, format === "webp" ? { lossless: true } : {}).toBuffer();
      expect(file.length).toBeGreaterThan(66_000);
      const path = await setOf({
        "annotations.json": cocoOf([{ name: `a.${format}`, mask: blank(500, 400), fields: square }]),
        [`images/a.${format}`]: file,
      });
      expect((await read(path)).stored).toBe(1);
    },
  );

  it("boxes alone, points and regions to ignore turn too", async () => {
    const coco = JSON.parse(cocoOf([{ name: "a.jpg", mask: blank(64, 48), fields: square }]));
    coco.annotations[0].point_coords = [[10, 8]];
    coco.annotations.push({ id: 2, image_id: 1, category_id: 1, bbox: [0, 0, 10, 6] });
    coco.ignore_regions = [{ image_id: 1, segmentation: square.segmentation }];
    const path = await setOf({ "annotations.json": JSON.stringify(coco), "images/a.jpg": await photo() });
    const [record] = (await read(path)).records;
    expect(record!.annotations[0]!.pointCoords).toEqual([[40, 10]]);
    expect(record!.annotations[1]).toMatchObject({ bboxXywh: [42, 0, 6, 10] });
    expect(record!.ignoreRegions![0]!.segmentation).toEqual(record!.annotations[0]!.segmentation);
  });

  it("sizes as seen stay, and so do those that don't tell where no image does", async () => {
    const seen = { ...blank(48, 64) };
    seen.data[5 * 48 + 7] = 1;
    const half = { ...blank(6, 4) };
    half.data[0] = 1;
    const path = await setOf({
      "annotations.json": cocoOf([
        { name: "a.jpg", mask: seen },
        { name: "b.png", mask: half },
      ]),
      "images/a.jpg": await photo(),
      "images/b.png": await fileOf(half, 3),
    });
    const { records, stored } = await read(path);
    expect(stored).toBe(0);
    expect(records.map(({ annotations }) => annotations[0]!.segmentation)).toEqual(
      [seen, half].map(encodeRle),
    );
    expect(await validate(path)).toMatchObject({ turnedImages: { seen: 1, stored: 0, either: 1 } });
  });

  it("validate says which it found, and it is no problem", async () => {
    const path = await setOf({
      "annotations.json": cocoOf([{ name: "a.jpg", mask: blank(64, 48), fields: square }]),
      "images/a.jpg": await photo(),
    });
    expect(await validate(path)).toMatchObject({
      problemCount: 0,
      turnedImages: { seen: 0, stored: 1, either: 0 },
    });
  });

  it.each(["coco", "yolo", "cvat", "labelme", "voc", "png", "sa1b", "labelstudio", "panoptic"])(
    "what is written as %s is as seen, with the image as it was",
    async (format) => {
      const path = await setOf({
        "annotations.json": cocoOf([{ name: "a.jpg", mask: blank(64, 48), fields: square }]),
        "images/a.jpg": await photo(),
      });
      const out = join(path, "out");
      await convert(await openDataset(path), format, out);
      const { records, stored } = await read(out);
      expect(stored).toBe(0);
      expect(records[0]).toMatchObject({
        image: { width: 48, height: 64 },
        annotations: [{ bboxXywh: [24, 4, 20, 40] }],
      });
      expect(Buffer.from(await records[0]!.image.open!())).toEqual(Buffer.from(await photo()));
    },
  );

  it("thumbnails are of the image as seen, with its masks on it", async () => {
    const path = await setOf({
      "annotations.json": cocoOf([{ name: "a.jpg", mask: blank(64, 48), fields: square }]),
      "images/a.jpg": await photo(),
    });
    const out = join(path, "pages");
    await writeContactSheet(await openDataset(path), out);
    const { width, height, data } = await readImage(join(out, "thumbnails/0/0.masks.webp"));
    const isDrawn = (x: number, y: number): boolean =>
      data
        .slice(4 * (y * width + x))
        .slice(0, 3)
        .some((v) => v > 60);
    expect([width, height]).toEqual([48, 64]);
    expect([isDrawn(34, 24), isDrawn(12, 24), isDrawn(34, 56)]).toEqual([true, false, false]);
  });

  it("pairs for inpainting are of the image as seen", async () => {
    const path = await setOf({
      "annotations.json": cocoOf([{ name: "a.jpg", mask: blank(64, 48), fields: square }]),
      "images/a.jpg": await photo(),
    });
    const out = join(path, "pairs");
    expect(await writeInpainting(await openDataset(path), out, { layout: "lama" })).toMatchObject({
      pairs: 1,
    });
    const { width, height, data } = await readImage(join(out, "a-0_mask.png"));
    expect([width, height, data[4 * (4 * 48 + 24)], data[4 * (4 * 48 + 23)]]).toEqual([48, 64, 255, 0]);
  });
});
