/** For tests: large made-up data sets. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Annotation, Dataset, DatasetRecord } from "@segany/dataset";
import { encodeRle, rleArea, rleToBoxXywh } from "@segany/masks";
import sharp from "sharp";

const size = { width: 640, height: 480 };

/** Discs of all sizes at all places: the same ones each time. */
function makeDiscs(count: number): Annotation[] {
  return Array.from({ length: count }, (_, index) => {
    const [x, y, radius] = [(index * 131) % size.width, (index * 71) % size.height, 5 + (index % 40)];
    const data = new Uint8Array(size.width * size.height);
    for (let i = 0; i < data.length; i++) {
      const [dx, dy] = [(i % size.width) - x, Math.floor(i / size.width) - y];
      data[i] = Number(dx * dx + dy * dy < radius * radius);
    }
    const segmentation = encodeRle({ ...size, data });
    return {
      id: index + 1,
      segmentation,
      area: rleArea(segmentation),
      bboxXywh: rleToBoxXywh(segmentation),
      isCrowd: false,
      categoryId: 1,
    };
  });
}

/** An image file of the given length: a real PNG with bytes after its end, which readers pass over. */
async function makeImageFile(sizeBytes: number): Promise<Uint8Array> {
  const png = await sharp({ create: { ...size, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  const padded = new Uint8Array(sizeBytes);
  padded.set(png);
  return padded;
}

/** Images of a given length with 20 masks each, made while they are read. */
export async function generateDataset(images: number, imageBytes: number): Promise<Dataset> {
  const discs = makeDiscs(20);
  const bytes = await makeImageFile(imageBytes);
  return {
    name: "generated",
    format: "memory",
    categories: [{ id: 1, name: "disc" }],
    async *records(): AsyncIterable<DatasetRecord> {
      for (let id = 1; id <= images; id++) {
        const annotations = discs.map((disc) => ({ ...disc, id: id * discs.length + disc.id }));
        yield { image: { id, fileName: `sa_${id}.png`, ...size, open: async () => bytes }, annotations };
      }
    },
  };
}

/** Writes a COCO file whose masks are not grouped by image, as COCO's are not. */
export async function writeScatteredCoco(path: string, images: number, masksOfEach: number): Promise<void> {
  const discs = makeDiscs(200).map(({ segmentation, area, bboxXywh }) =>
    JSON.stringify({ segmentation, area, bbox: bboxXywh, category_id: 1, iscrowd: 0 }).slice(1),
  );
  const file = createWriteStream(path);
  const write = async (lines: string[]): Promise<void> => {
    if (!file.write(lines.join(""))) await once(file, "drain");
  };
  await write(['{"categories": [{"id": 1, "name": "disc"}],\n"images": [']);
  const blockLength = 2000;
  const writeList = async (count: number, entry: (index: number) => string): Promise<void> => {
    for (let first = 0; first < count; first += blockLength) {
      const length = Math.min(blockLength, count - first);
      await write(Array.from({ length }, (_, i) => `${first + i === 0 ? "\n" : ",\n"}${entry(first + i)}`));
    }
  };
  await writeList(images, (i) => JSON.stringify({ id: i, file_name: `${i}.jpg`, ...size, license: 1 }));
  await write(['],\n"annotations": [']);
  const stride = 7919; // A prime, so that all images come by in turn.
  await writeList(
    images * masksOfEach,
    (i) => `{"id": ${i + 1}, "image_id": ${(i * stride) % images}, ${discs[i % discs.length]}`,
  );
  file.end("]}");
  await once(file, "finish");
}
