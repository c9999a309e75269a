import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BoxXywh, boxToRle, type Rle } from "@segany/masks";
import { encodePng } from "@segany/sam";

export const WIDTH = 192;
export const HEIGHT = 128;

/** A rectangle as a mask of the test images' size. */
export function rectangle([x, y, width, height]: BoxXywh): Rle {
  return boxToRle([x, y, width, height], { width: WIDTH, height: HEIGHT });
}

/** An annotation of a COCO file, with what the tests care about. */
export interface TestAnnotation {
  readonly box: BoxXywh;
  readonly imageId?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface TestSet {
  readonly annotations: readonly TestAnnotation[];
  readonly images?: number;
  readonly ignore?: readonly BoxXywh[];
  readonly categories?: readonly Readonly<Record<string, unknown>>[];
}

/** Writes a COCO set of grey images in which each annotated rectangle has a shade of its own. */
export async function writeTestSet(
  folder: string,
  { annotations, images = 1, ignore = [], categories = [{ id: 1, name: "box" }] }: TestSet,
): Promise<string> {
  await mkdir(join(folder, "images"), { recursive: true });
  const ids = Array.from({ length: images }, (_, i) => i + 1);
  for (const id of ids) {
    const boxes = annotations.filter(({ imageId = 1 }) => imageId === id).map(({ box }) => box);
    await writeFile(join(folder, "images", `${id}.png`), await encodePng(paintImage(boxes)));
  }
  const coco = {
    images: ids.map((id) => ({ id, file_name: `${id}.png`, width: WIDTH, height: HEIGHT })),
    annotations: annotations.map(({ box, imageId = 1, fields }, i) => ({
      id: i + 1,
      image_id: imageId,
      category_id: 1,
      iscrowd: 0,
      segmentation: rectangle(box),
      bbox: box,
      area: box[2] * box[3],
      ...fields,
    })),
    categories,
    ignore_regions: ignore.map((box) => ({ image_id: 1, category_id: 0, segmentation: rectangle(box) })),
  };
  await writeFile(join(folder, "annotations.json"), JSON.stringify(coco));
  return folder;
}

function paintImage(boxes: readonly BoxXywh[]) {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT).fill(255);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const inside = boxes.findLastIndex(([bx, by, w, h]) => x >= bx && x < bx + w && y >= by && y < by + h);
    data.fill(inside === -1 ? 40 : 120 + 40 * (inside % 4), 4 * i, 4 * i + 3);
  }
  return { width: WIDTH, height: HEIGHT, data };
}

/** A folder that is gone when the scope is left. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "segany-evaluation-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
