/**
 * For tests: a set of COCO with two images made of the example photo, and the boxes of its objects as masks.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePng, readImage } from "@segany/sam";
import { viewImage, wholeView } from "../augmentation/view.js";

const PHOTO = fileURLToPath(new URL("../../../../examples/still-life.jpg", import.meta.url));

/** The photo's size, and boxes [x, y, width, height] in it. */
const [WIDTH, HEIGHT] = [1200, 800];
const BOXES = [
  [420, 200, 240, 300],
  [60, 320, 260, 260],
  [690, 120, 120, 340],
] as const;

/** Writes the set; the second image is the first one, mirrored. */
export async function writeSmallSet(folder: string): Promise<string> {
  await mkdir(join(folder, "images"), { recursive: true });
  const photo = await readImage(PHOTO);
  for (const [name, flipped] of [
    ["a.png", false],
    ["b.png", true],
  ] as const)
    await writeFile(
      join(folder, "images", name),
      await encodePng(viewImage(photo, { ...wholeView(photo), flipped })),
    );
  const images = ["a.png", "b.png"].map((file_name, i) => ({
    id: i + 1,
    file_name,
    width: WIDTH,
    height: HEIGHT,
  }));
  const annotations = images.flatMap(({ id }) =>
    BOXES.map(([x, y, width, height], i) => {
      const left = id === 1 ? x : WIDTH - x - width;
      const [right, below] = [left + width, y + height];
      return {
        id: 10 * id + i,
        image_id: id,
        category_id: 1,
        iscrowd: 0,
        area: width * height,
        bbox: [left, y, width, height],
        segmentation: [[left, y, right, y, right, below, left, below]],
      };
    }),
  );
  const categories = [{ id: 1, name: "fruit" }];
  await writeFile(join(folder, "annotations.json"), JSON.stringify({ images, annotations, categories }));
  return folder;
}
