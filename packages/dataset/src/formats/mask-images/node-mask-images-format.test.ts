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
