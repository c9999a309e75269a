import { join } from "node:path";
import { boxToRle } from "@segany/masks";
import { expect, it } from "vitest";
import { convert } from "../../convert/convert.js";
import { openDataset } from "../../convert/open-dataset.js";
import { makePng } from "../../testing/make-records.js";
import { lay } from "../../testing/mask-sets.js";
import { readSet } from "../../testing/read-set.js";
import { makeTemporaryFolder } from "../../testing/temporary-folder.js";

const size = { width: 40, height: 30 };
const result = (image_id: unknown, rest: object) => ({ image_id, category_id: 18, score: 0.236, ...rest });
const rle = boxToRle([4, 4, 20, 10], size);
const truth = {
  images: [
    { id: 42, file_name: "a.png", ...size },
    { id: 73, file_name: "b.png", ...size },
  ],
  categories: [{ id: 18, name: "dog" }],
  annotations: [{ id: 1, image_id: 42, category_id: 18, iscrowd: 0, segmentation: [[0, 0, 9, 0, 9, 9]] }],
};

/** Opens the list of a folder by its path. */
async function open(files: Record<string, string | Uint8Array>, name: string) {
  const path = await makeTemporaryFolder();
  await lay(path, files);
  const problems: string[] = [];
  const onProblem = ({ message }: Error) => void problems.push(message);
  const dataset = await openDataset(join(path, name), { onProblem });
  const records = [];
  for await (const record of dataset.records({ onProblem })) records.push(record);
  return { path, dataset, records, problems };
}

it("COCO results: masks and boxes with their scores, on the images and classes of the COCO file beside them", async () => {
  const files = {
    "annotations/instances_val.json": JSON.stringify(truth),
    "images/val/a.png": await makePng(40, 30),
    "results/segm.json": JSON.stringify([
      result(42, { segmentation: rle }),
      result(42, { bbox: [4.5, 6, 20, 12] }),
      result(42, { segmentation: rle, bbox: [4, 4, 20, 10], score: 0.9 }),
      result(7, { bbox: [1, 2, 3, 4] }),
    ]),
  };
  const { path, dataset, records, problems } = await open(files, "results/segm.json");
  expect(dataset).toMatchObject({ format: "coco-results", categories: truth.categories, imageCount: 2 });
  expect(problems).toEqual([
    expect.stringMatching(/entry 3: the image 7 is in no list of images; 1 results/),
  ]);
  expect(records.map(({ image }) => [image.id, image.fileName, image.open !== undefined])).toEqual([
    [42, "a.png", true],
    [73, "b.png", false],
  ]);
  expect(records[0]!.annotations).toMatchObject([
    { id: 1, categoryId: 18, segmentation: rle, area: 200, extra: { score: 0.236 } },
    { id: 2, categoryId: 18, bboxXywh: [4.5, 6, 20, 12], extra: { score: 0.236 } },
    { id: 3, extra: { score: 0.9 } },
  ]);
  expect(records[1]!.annotations).toEqual([]);
  await convert(dataset, "coco", join(path, "out"), { images: "none", onProblem: () => undefined });
  const back = await openDataset(join(path, "out"));
  for await (const { image, annotations } of back.records())
    if (image.id === 42) expect(annotations[0]!.extra).toEqual({ score: 0.236 });
});

it("COCO results: alone, images are found by number, and sizes by mask or file", async () => {
  const { format, images, problems } = await readSet({
    "detections.json": JSON.stringify([
      result(139, { bbox: [1, 2, 3, 4] }),
      result(285, { segmentation: rle, category_id: 3 }),
      result(9, { bbox: [1, 2, 3, 4] }),
    ]),
    "images/000000000139.png": await makePng(40, 30),
  });
  expect(format).toBe("coco-results");
  expect(images).toEqual([
    ["000000000139.png", true, ["class 18 [1,2,3,4]"]],
    ["285", false, ["class 3 200"]],
  ]);
  expect(problems).toEqual([expect.stringMatching(/nothing says the size of image 9/)]);
});

it("COCO results: entries that are none are set aside, and a COCO set with such a list stays a COCO set", async () => {
  const list = [
    null,
    result("x", { bbox: [1, 2, 3, 4] }),
    result(42, { bbox: [1, 2, 0, 4] }),
    result(42, { bbox: [1, 2, 3, 4], category_id: 5 }),
    result(42, { bbox: [1, 2, 3, 4], score: "high" }),
    result(42, { segmentation: { size: [3, 3], counts: "1" } }),
    result(42, { bbox: [1, 2, 3, 4] }),
  ];
  const files = { "annotations.json": JSON.stringify(truth), "results.json": JSON.stringify(list.slice(1)) };
  const { records, problems } = await open(files, "results.json");
  expect(records[0]!.annotations).toHaveLength(1);
  expect(problems.map((message) => /entry \d/.exec(message)![0])).toEqual(
    [0, 1, 2, 3, 4].map((i) => `entry ${i}`),
  );
  expect((await readSet(files)).format).toBe("coco");
});

it("COCO results: sets in folders beside the list's are none of it, though their images have the same numbers", async () => {
  const { records } = await open(
    {
      "other/annotations.json": JSON.stringify(truth),
      "mine/results.json": JSON.stringify([result(42, { segmentation: rle })]),
    },
    "mine/results.json",
  );
  expect(records.map(({ image }) => image.fileName)).toEqual(["42"]);
});

it("COCO results: several lists in a folder are not joined", async () => {
  const list = JSON.stringify([result(1, { bbox: [1, 2, 3, 4] })]);
  await expect(readSet({ "bbox.json": list, "segm.json": list })).rejects.toMatchObject({
    code: "dataset-invalid",
    message: expect.stringMatching(/has 2 lists of results; name the file/),
  });
});
