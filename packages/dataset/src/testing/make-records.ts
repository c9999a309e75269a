import { encodeRle, type Mask, rleArea, rleToBoxXywh } from "@segany/masks";
import sharp from "sharp";
import type { DatasetImage, DatasetRecord, MaskAnnotation } from "../record.js";

/** A mask drawn with `#` for inside, one text a row. */
export function drawMask(...rows: string[]): Mask {
  const width = rows[0]!.length;
  const data = Uint8Array.from(rows.join(""), (character) => (character === "#" ? 1 : 0));
  return { width, height: rows.length, data };
}

/** An annotation of a mask, with what is not given computed from it. */
export function makeAnnotation(mask: Mask, given: Partial<MaskAnnotation> = {}): MaskAnnotation {
  const segmentation = encodeRle(mask);
  return {
    id: 1,
    segmentation,
    bboxXywh: rleToBoxXywh(segmentation),
    area: rleArea(segmentation),
    isCrowd: false,
    ...given,
  };
}

/** A grey PNG of a size. */
export async function makePng(width: number, height: number): Promise<Uint8Array> {
  const image = sharp({ create: { width, height, channels: 3, background: { r: 90, g: 120, b: 60 } } });
  return new Uint8Array(await image.png().toBuffer());
}

/** An image of 6x5 pixels with an image file. */
export async function makeImage(id: number, given: Partial<DatasetImage> = {}): Promise<DatasetImage> {
  const bytes = await makePng(given.width ?? 6, given.height ?? 5);
  return { id, fileName: `sa_${id}.png`, width: 6, height: 5, open: async () => bytes, ...given };
}

/** A ring around a hole, two parts, and a bar: masks of 6x5 pixels. */
export const exampleMasks = {
  ring: drawMask("......", ".###..", ".#.#..", ".###..", "......"),
  parts: drawMask("##....", "##....", "......", "....##", "....##"),
  bar: drawMask("......", "......", "######", "......", "......"),
};

/** Records as SA-1B has them, with ids from 1. */
export async function makeSa1bRecords(count: number): Promise<DatasetRecord[]> {
  const masks = Object.values(exampleMasks);
  return Promise.all(
    Array.from({ length: count }, async (_, index) => ({
      image: await makeImage(index + 1),
      annotations: masks.map((mask, place) =>
        makeAnnotation(mask, {
          id: index * masks.length + place + 1,
          predictedIou: 0.5 + place / 8,
          stabilityScore: 0.97,
          pointCoords: [[2.5, 1]],
          cropBoxXywh: [0, 0, 6, 5],
        }),
      ),
    })),
  );
}
