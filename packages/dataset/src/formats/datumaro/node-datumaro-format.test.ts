import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

it("Datumaro: polygons, masks and boxes of its parts, joined by groups", async () => {
  const part = (annotations: object[]) =>
    JSON.stringify({
      dm_format_version: "1.0",
      infos: {},
      categories: {
        label: {
          labels: [
            { name: "cat", parent: "" },
            { name: "dog", parent: "" },
          ],
          label_groups: [],
        },
      },
      items: [{ id: "x/a", annotations, image: { path: "x/a.png", size: [10, 12] } }],
    });
  const { format, images, losses, problems } = await readSet({
    "annotations/train.json": part([
      { id: 1, type: "polygon", group: 0, label_id: 0, points: [1, 1, 5, 1, 5, 4, 1, 4] },
      { id: 2, type: "mask", group: 3, label_id: 1, rle: { size: [10, 12], counts: [0, 4, 116] } },
      { id: 3, type: "bbox", group: 3, label_id: 1, bbox: [0, 0, 1, 4] },
      { id: 4, type: "bbox", group: 0, label_id: 1, bbox: [2, 3, 4, 5] },
      { id: 5, type: "points", group: 0, label_id: 1, points: [1, 1] },
      { id: 6, type: "polyline", group: 0, label_id: 1, points: [1, 1, 2, 2] },
      { id: 7, type: "label", group: 0, label_id: 1 },
      { id: 8, type: "mask", group: 0, label_id: 1, rle: { size: [10, 12], counts: [5] } },
    ]),
    "annotations/val.json": part([]),
    "images/train/x/a.png": await makePng(12, 10),
    "images/val/x/a.png": await makePng(12, 10),
  });
  expect(format).toBe("datumaro");
  expect(images).toEqual([
    ["train/x/a.png", true, ["cat 12", "dog 4", "dog [2,3,4,5]"]],
    ["val/x/a.png", true, []],
  ]);
  expect(losses).toEqual({ imageTags: 1, keypoints: 1, lines: 1 });
  expect(problems).toEqual([expect.stringContaining("item 1, annotation 8")]);
});
