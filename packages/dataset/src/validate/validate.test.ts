import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProblemList } from "../checks/problems.js";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import { writeSa1b } from "../formats/sa1b/node-write-sa1b.js";
import { toSa1b } from "../formats/sa1b/sa1b.js";
import { exampleMasks, makeAnnotation, makePng, makeSa1bRecords } from "../testing/make-records.js";
import { writeTar } from "../testing/make-tar.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { validate } from "./validate.js";

const ring = makeAnnotation(exampleMasks.ring).segmentation;
const sound = {
  id: 1,
  segmentation: ring,
  area: 8,
  bbox: [1, 1, 3, 3],
  predicted_iou: 0.9,
  stability_score: 0.9,
};

async function validateSa1bFile(annotations: readonly unknown[], image: object = {}) {
  const folder = await makeTemporaryFolder();
  const about = { image_id: 1, file_name: "a.png", width: 6, height: 5, ...image };
  await writeFile(join(folder, "a.json"), JSON.stringify({ image: about, annotations }));
  await writeFile(join(folder, "a.png"), await makePng(6, 5));
  return validate(folder);
}

test("a sound set has no problems, with COCO's boxes and with Meta's", async () => {
  const report = await validateSa1bFile([sound, { ...sound, id: 2, bbox: [1, 1, 2, 2] }]);
  expect(report).toEqual({
    format: "sa1b",
    images: 1,
    annotations: 2,
    problems: [],
    counts: {},
    problemCount: 0,
  });
});

test.each([
  ["a damaged mask", { segmentation: { size: [5, 6], counts: "0" } }, "rle-invalid", "segmentation"],
  [
    "a mask of another size",
    { segmentation: { size: [6, 5], counts: [30] } },
    "size-mismatch",
    "segmentation",
  ],
  ["no mask", { segmentation: undefined }, "rle-invalid", "segmentation"],
  ["a wrong area", { area: 9 }, "area-mismatch", "area"],
  ["a wrong box", { bbox: [1, 1, 4, 3] }, "box-mismatch", "bbox"],
  ["a box two less wide", { bbox: [1, 1, 1, 3] }, "box-mismatch", "bbox"],
  ["a box of text", { bbox: "1,1,3,3" }, "field-invalid", "bbox"],
  ["a score of text", { predicted_iou: "high" }, "field-invalid", "predicted_iou"],
  ["half an id", { id: 1.5 }, "field-invalid", "id"],
  [
    "polygons with null for NaN",
    { segmentation: [[1, 1, null, 3, 3, 3]] },
    "polygon-invalid",
    "segmentation",
  ],
])("names file, record and field of %s", async (_, change, code, field) => {
  const report = await validateSa1bFile([
    { ...sound, id: 2 },
    { ...sound, ...change },
  ]);
  expect(report.counts).toEqual({ [code]: 1 });
  expect(report.problems[0]).toMatchObject({
    code,
    file: expect.stringMatching(/a\.json$/),
    record: expect.stringContaining("annotations 1"),
    field,
  });
});

test("numbers that are there twice, unpaired files and images of another size are found", async () => {
  const folder = await makeTemporaryFolder();
  const about = (id: number, name: string) => ({ image_id: id, file_name: name, width: 6, height: 5 });
  const write = (name: string, image: object, annotations: object[] = []) =>
    writeFile(join(folder, name), JSON.stringify({ image, annotations }));
  await write("a.json", about(1, "a.png"), [sound, sound]);
  await writeFile(join(folder, "a.png"), await makePng(7, 5));
  await write("b.json", about(1, "b.png"));
  await writeFile(join(folder, "c.png"), await makePng(6, 5));
  await writeFile(join(folder, "d.json"), "{");
  await writeFile(join(folder, "d.png"), "not an image");
  await write("e.json", about(5, "e.png"));
  await writeFile(join(folder, "e.png"), "not an image");
  const { counts } = await validate(folder);
  expect(counts).toEqual({
    "duplicate-annotation-id": 1,
    "duplicate-image-id": 1,
    "image-mismatch": 1,
    "image-unreadable": 1,
    "json-invalid": 1,
    "unpaired-image": 1,
    "unpaired-masks": 1,
  });
});

test("problems beyond the limit are counted but not kept", async () => {
  const folder = await makeTemporaryFolder();
  const image = { image_id: 1, file_name: "a.png", width: 6, height: 5 };
  const annotations = Array.from({ length: 50 }, (_, id) => ({ ...sound, id, area: 1 }));
  await writeFile(join(folder, "a.json"), JSON.stringify({ image, annotations }));
  const report = await validate(folder, { limit: 3, images: false });
  expect(report.problems).toHaveLength(3);
  expect(report.counts["area-mismatch"]).toBe(50);
});

test("a shard that leads out of its folder is named, not thrown", async () => {
  const folder = await makeTemporaryFolder();
  const [record] = await makeSa1bRecords(1);
  await writeTar(join(folder, "sa_000000.tar"), [
    { name: "sa_1.json", bytes: JSON.stringify(toSa1b(record!)) },
    { name: "../evil.json", bytes: "{}" },
  ]);
  const { problems } = await validate(folder);
  expect(problems.at(-1)).toMatchObject({
    code: "name-unsafe",
    message: expect.stringContaining("../evil.json"),
  });
});

test("shards are validated as folders are", async () => {
  const folder = await makeTemporaryFolder();
  await writeSa1b(datasetFromRecords(await makeSa1bRecords(5)), folder, { shardSizeBytes: 5000 });
  expect(await validate(folder)).toMatchObject({ images: 5, annotations: 15, problemCount: 0 });
});

test("a COCO file is looked through to the end, whatever is wrong on the way", async () => {
  const folder = await makeTemporaryFolder();
  await mkdir(join(folder, "images"));
  await writeFile(join(folder, "images", "a.png"), await makePng(6, 5));
  const image = { id: 1, file_name: "a.png", width: 6, height: 5 };
  const polygon = {
    id: 2,
    image_id: 1,
    category_id: 1,
    segmentation: [[1, 1, 3.4, 1, 3, 3.2, 1, 3]],
    area: 4.2,
    bbox: [1, 1, 2.4, 2.2],
  };
  const content = {
    images: [
      image,
      { ...image, id: 2, file_name: "b.png" },
      { ...image, id: 1 },
      { id: 3, file_name: "../x", width: 1, height: 1 },
    ],
    categories: [
      { id: 1, name: "x" },
      { id: 1, name: "y" },
    ],
    annotations: [
      { ...sound, image_id: 1 },
      polygon,
      { ...polygon, id: 3, bbox: [1, 1, 5, 2] },
      { ...polygon, id: 4, segmentation: [[1, 1, 2, 2]] },
      { ...polygon, id: 2 },
      { ...polygon, id: 5, category_id: 9 },
      { ...polygon, id: 6, image_id: 77 },
      { ...sound, id: 7, image_id: 2, area: 1 },
    ],
    ignore_regions: [{ image_id: 1, segmentation: { size: [5, 6], counts: [1] } }],
  };
  await writeFile(join(folder, "annotations.json"), JSON.stringify(content));
  expect((await validate(folder)).counts).toEqual({
    "area-mismatch": 1,
    "box-mismatch": 1,
    "category-unknown": 1,
    "duplicate-annotation-id": 1,
    "duplicate-category-id": 1,
    "duplicate-file-name": 1,
    "duplicate-image-id": 1,
    "image-unknown": 1,
    "name-unsafe": 1,
    "polygon-invalid": 1,
    "rle-invalid": 1,
    "unpaired-image": 1,
  });
});

test("Python's NaN, which is no JSON, is named with its record, and the others are looked at", async () => {
  const folder = await makeTemporaryFolder();
  const text = JSON.stringify({
    images: [{ id: 1, file_name: "a.png", width: 6, height: 5 }],
    annotations: [
      { ...sound, image_id: 1 },
      { ...sound, image_id: 1, id: 2, area: "NAN" },
      { ...sound, image_id: 1, id: 3, area: 1 },
    ],
  });
  await writeFile(join(folder, "annotations.json"), text.replace('"NAN"', "NaN"));
  const { problems } = await validate(folder);
  expect(problems.map(({ code, record }) => [code, record])).toEqual([
    ["json-invalid", "annotations 1"],
    ["unpaired-image", "image 1"],
    ["area-mismatch", "annotations 2 (id 3)"],
  ]);
});

test("a file of nothing but problems is not looked through for hours", () => {
  const problems = createProblemList(2);
  const place = { file: "x" };
  const noteAll = (): void => {
    for (let i = 0; i < 2e6; i++) problems.note({ ...place, code: "rle-invalid", message: "" });
  };
  let thrown: unknown;
  try {
    noteAll();
  } catch (error) {
    thrown = error;
  }
  expect(() => problems.noteError(thrown, place)).toThrow(thrown as Error);
  problems.noteEnd(thrown, place);
  const report = problems.report({ format: "coco", images: 0, annotations: 0 });
  expect(report).toMatchObject({
    problemCount: 1_000_001,
    counts: { "rle-invalid": 1_000_000, "dataset-invalid": 1 },
  });
});

test("what isn't there and what can't be told apart is thrown", async () => {
  const folder = await makeTemporaryFolder();
  await expect(validate(folder)).rejects.toMatchObject({ code: "format-unknown" });
  await expect(validate(join(folder, "nothing"), { format: "sa1b" })).rejects.toMatchObject({
    code: "dataset-not-found",
  });
  await expect(validate(folder, { format: "sa1c" })).rejects.toMatchObject({ code: "format-unknown" });
});
