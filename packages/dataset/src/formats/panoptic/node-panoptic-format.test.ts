import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

/** A PNG whose pixels have numbers as colours, red first. */
function segmentPng(width: number, height: number, ids: readonly number[]): Uint8Array {
  const data = Uint8Array.from(ids.flatMap((id) => [id & 255, (id >> 8) & 255, id >> 16]));
  return encode({ width, height, data, channels: 3, depth: 8 });
}

const big = 70_000; // needs all three colours

it("COCO panoptic: segments by their numbers, things and stuff, crowds", async () => {
  const content = {
    images: [{ id: 4, width: 3, height: 2, file_name: "a.png" }],
    categories: [
      { id: 1, name: "cat", isthing: 1, supercategory: "animal" },
      { id: 9, name: "sky", isthing: 0 },
    ],
    annotations: [
      {
        image_id: 4,
        file_name: "a.png",
        segments_info: [
          { id: big, category_id: 1, iscrowd: 1, area: 2, bbox: [0, 0, 2, 1] },
          { id: 7, category_id: 9, iscrowd: 0, area: 3 },
          { id: "x", category_id: 9 },
        ],
      },
      { image_id: 5, file_name: "b.png", segments_info: [] },
    ],
  };
  const { format, images, problems, records } = await readSet({
    "annotations/panoptic_val.json": JSON.stringify(content),
    "annotations/panoptic_val/a.png": segmentPng(3, 2, [big, big, 0, 7, 7, 7]),
    "images/val/a.png": await makePng(3, 2),
  });
  expect(format).toBe("panoptic");
  expect(images).toEqual([["a.png", true, ["cat 2", "sky 3"]]]);
  expect(records[0]!.annotations[0]).toMatchObject({ id: big, isCrowd: true });
  expect(problems).toEqual([
    expect.stringMatching(/annotations 1: field "image_id" is 5/),
    expect.stringMatching(/segment 3: field "id" is "x"/),
  ]);
});

it("COCO panoptic: several parts are one set, each image in a folder of its part's name", async () => {
  const part = (name: string) => ({
    images: [{ id: 1, width: 3, height: 2, file_name: "a.png" }],
    categories: [{ id: 1, name, isthing: 1 }],
    annotations: [{ image_id: 1, file_name: "a.png", segments_info: [{ id: 7, category_id: 1 }] }],
  });
  const { images } = await readSet({
    "annotations/panoptic_train.json": JSON.stringify(part("cat")),
    "annotations/panoptic_train/a.png": segmentPng(3, 2, [7, 7, 0, 0, 0, 0]),
    "annotations/panoptic_val.json": JSON.stringify(part("dog")),
    "annotations/panoptic_val/a.png": segmentPng(3, 2, [7, 7, 7, 0, 0, 0]),
    "images/train/a.png": await makePng(3, 2),
    "images/val/a.png": await makePng(3, 2),
  });
  expect(images).toEqual([
    ["train/a.png", true, ["cat 2"]],
    ["val/a.png", true, ["dog 3"]],
  ]);
});
