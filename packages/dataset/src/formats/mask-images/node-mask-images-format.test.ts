import { loadSharp } from "@segany/sam/images";
import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const grey = (...data: number[]) =>
  encode({ width: 3, height: 2, data: Uint8Array.from(data), channels: 1, depth: 8 });

it("mask images: a defect's folder is the class, soft edges are cut at half, images without a mask are told", async () => {
  const { format, images, losses } = await readSet({
    "ground_truth/scratch/000_mask.png": grey(0, 255, 255, 0, 0, 0),
    "ground_truth/hole/000_mask.png": grey(0, 90, 255, 255, 127, 255),
    "test/scratch/000.png": await makePng(3, 2),
    "test/hole/000.png": await makePng(3, 2),
    "train/good/007.png": await makePng(3, 2),
  });
  expect(format).toBe("mask-images");
  expect(images).toEqual([
    ["test/hole/000.png", true, ["hole 3"]],
    ["test/scratch/000.png", true, ["scratch 2"]],
  ]);
  expect(losses).toEqual({ softPixels: 1, unclaimedImages: 1 });
});

it("mask images: a folder an image with a PNG an object, of which one is damaged", async () => {
  const { images, problems } = await readSet({
    "stage1/x1/images/x1.png": await makePng(3, 2),
    "stage1/x1/masks/a.png": grey(255, 0, 0, 0, 0, 0),
    "stage1/x1/masks/b.png": grey(0, 0, 255, 0, 0, 255),
    "stage1/x1/masks/c.png": grey(0, 0, 255, 0, 0, 255).subarray(0, 40),
  });
  expect(images).toEqual([["stage1/x1/images/x1.png", true, ["- 1", "- 2"]]]);
  expect(problems).toHaveLength(1);
});

it.each([
  ["mask-images", "a.jpg", "a_mask.jpg"],
  ["mask-images", "s/a/images/a.png", "s/a/masks/1.jpeg"],
  ["labelmap", "images/a.png", "masks/a.jpg"],
])("%s: a JPEG is one mask, cut at half", async (wanted, image, mask) => {
  const size = { width: 32, height: 24 };
  const data = Uint8Array.from({ length: 32 * 24 }, (_, i) => (i % 32 < 16 ? 255 : 0));
  const sharp = await loadSharp();
  const jpeg = await sharp(data, { raw: { ...size, channels: 1 } })
    .jpeg({ quality: 70 })
    .toBuffer();
  const { format, images, losses } = await readSet({ [image]: await makePng(32, 24), [mask]: jpeg });
  expect(format).toBe(wanted);
  expect(images.map(([, hasImage, objects]) => [hasImage, objects])).toEqual([[true, ["- 384"]]]);
  expect(Object.keys(losses).every((kind) => kind === "softPixels")).toBe(true);
});

it("mask images: a damaged JPEG is named, and the others are read", async () => {
  const { images, problems } = await readSet({
    "a.png": await makePng(3, 2),
    "a_mask.jpg": Uint8Array.of(255, 216, 255, 0),
    "b.png": await makePng(3, 2),
    "b_mask.png": grey(0, 255, 255, 0, 0, 0),
  });
  expect(images).toEqual([["b.png", true, ["- 2"]]]);
  expect(problems[0]).toMatch(/a_mask\.jpg/);
});
