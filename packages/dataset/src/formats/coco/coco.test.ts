import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeRle } from "@segany/masks";
import { afterEach, expect, test, vi } from "vitest";
import { lookAt } from "../../files/sight.js";
import type { Category, DatasetRecord } from "../../record.js";
import { collect } from "../../testing/collect.js";
import { drawMask, exampleMasks, makeAnnotation, makeImage, makePng } from "../../testing/make-records.js";
import { makeTemporaryFolder } from "../../testing/temporary-folder.js";
import { lvisFormat } from "../lvis/node-lvis-format.js";
import { datasetFromRecords } from "../memory-dataset.js";
import { cocoFormat } from "./node-coco-format.js";
import { readCoco } from "./node-read-coco.js";

/** Where the writer puts its file. */
const cocoFile = "annotations/instances_default.json";

afterEach(() => void vi.unstubAllEnvs());

const categories: Category[] = [
  { id: 3, name: "car", supercategory: "vehicle", isThing: true },
  { id: 7, name: "sky", isThing: false, extra: { synset: "sky.n.01" } },
];

async function makeRecords(): Promise<DatasetRecord[]> {
  const { ring, parts, bar } = exampleMasks;
  return [
    {
      image: await makeImage(12, {
        fileName: "sub/a.png",
        extra: { license: 2, flickr_url: "http://example.org/a" },
      }),
      annotations: [
        makeAnnotation(ring, { id: 5, categoryId: 3, annotator: 0, isThing: true }),
        makeAnnotation(parts, { id: 9, categoryId: 7, isCrowd: true, extra: { note: { by: ["x"] } } }),
      ],
      ignoreRegions: [
        { segmentation: makeAnnotation(bar).segmentation, categoryId: 0, extra: { why: "crowd" } },
      ],
    },
    {
      image: await makeImage(4, { fileName: "b.png", negCategoryIds: [3], notExhaustiveCategoryIds: [] }),
      annotations: [],
    },
  ];
}

const about = { categories, info: { year: 2024 }, licenses: [{ id: 2, name: "CC BY" }] };

test("a COCO set holds everything a record has a name for", async () => {
  const folder = await makeTemporaryFolder();
  const dataset = datasetFromRecords(await makeRecords(), about);
  const report = await cocoFormat.write(dataset, folder);
  expect(report).toEqual({
    format: "coco",
    images: 2,
    annotations: 2,
    imageFiles: 2,
    keptFiles: 0,
    losses: [],
    missingImages: { count: 0, names: [] },
    renamed: [],
  });
  const read = await cocoFormat.read(folder);
  expect(read).toMatchObject({ ...about, imageCount: 2, annotationCount: 2 });
  expect(await collect(read)).toEqual(await collect(dataset));
  expect((await readdir(folder)).toSorted()).toEqual(["annotations", "images"]);
});

test("a set too large for memory is sorted by image through temporary files, to the same records", async () => {
  const folder = await makeTemporaryFolder();
  const mask = makeAnnotation(exampleMasks.bar).segmentation;
  const images = Array.from({ length: 50 }, (_, i) => ({
    id: i,
    file_name: `${i}.png`,
    width: 6,
    height: 5,
  }));
  const annotations = Array.from({ length: 1000 }, (_, id) => ({
    id,
    image_id: (id * 37) % 50,
    segmentation: mask,
  }));
  const ignore_regions = [{ image_id: 3, segmentation: mask }];
  const file = join(folder, "annotations.json");
  await writeFile(file, JSON.stringify({ annotations, ignore_regions, images }, undefined, 1));
  const scratch = join(folder, "scratch"); // what others leave in the system's own folder is not ours to count
  await mkdir(scratch);
  for (const variable of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(variable, scratch);
  const inMemory = await collect(await readCoco(file));
  const onDisk = await collect(await readCoco(file, { keepBelowBytes: 0 }));
  expect(onDisk).toEqual(inMemory);
  expect(onDisk.every((record) => record.annotations.length === 20)).toBe(true);
  expect(await readdir(scratch)).toEqual([]);
  await rm(scratch, { recursive: true });
  await expect(readCoco(file, { keepBelowBytes: 0 }).then(collect)).rejects.toMatchObject({
    code: "file-unwritable",
  });
});

test("polygons are filled by the COCO tools' rule and written again as they were", async () => {
  const folder = await makeTemporaryFolder();
  const polygons = [[1, 1, 3.5, 1, 3, 3, 1, 3]];
  const raw = {
    id: 1,
    image_id: 1,
    category_id: 3,
    segmentation: polygons,
    area: 4.25,
    bbox: [1, 1, 2.5, 2],
    iscrowd: 0,
  };
  const images = [{ id: 1, file_name: "a.png", width: 6, height: 5 }];
  await writeFile(
    join(folder, "annotations.json"),
    JSON.stringify({ images, annotations: [raw], categories: [{ id: 3, name: "car" }] }),
  );
  const dataset = await cocoFormat.read(folder);
  const [record] = await collect(dataset);
  expect(decodeRle(record!.annotations[0]!.segmentation!)).toEqual(
    drawMask("......", ".##...", ".##...", "......", "......"),
  );
  await cocoFormat.write(dataset, join(folder, "out"));
  const written = JSON.parse(await readFile(join(folder, "out", cocoFile), "utf8"));
  expect(written.annotations).toEqual([raw]);
});

test("crowds with uncompressed runs are read", async () => {
  const folder = await makeTemporaryFolder();
  const raw = { id: 1, image_id: 1, segmentation: { size: [5, 6], counts: [6, 2, 22] }, iscrowd: 1 };
  const images = [{ id: 1, file_name: "a.png", width: 6, height: 5 }];
  await writeFile(join(folder, "annotations.json"), JSON.stringify({ images, annotations: [raw] }));
  const [record] = await collect(await cocoFormat.read(folder));
  expect(record!.annotations[0]).toMatchObject({ isCrowd: true, area: 2, bboxXywh: [1, 1, 1, 2] });
});

test("the official layout is found: annotations/instances_<split>.json beside <split>/", async () => {
  const folder = await makeTemporaryFolder();
  await mkdir(join(folder, "annotations"));
  await mkdir(join(folder, "val2017"));
  await writeFile(join(folder, "val2017", "a.png"), await makePng(6, 5));
  const images = [{ id: 1, file_name: "a.png", width: 6, height: 5 }];
  const file = join(folder, "annotations", "instances_val2017.json");
  await writeFile(file, JSON.stringify({ images, annotations: [], categories: [] }));
  expect(await cocoFormat.detect(await lookAt(folder))).toBe(true);
  expect((await collect(await cocoFormat.read(folder)))[0]!.image.bytes).toEqual(await makePng(6, 5));
  const train = { images, annotations: [], categories: [{ id: 5, name: "cat" }] };
  await writeFile(join(folder, "annotations", "instances_train2017.json"), JSON.stringify(train));
  const both = await cocoFormat.read(folder);
  expect((await collect(both)).map(({ image }) => image.fileName)).toEqual([
    "train2017/a.png",
    "val2017/a.png",
  ]);
  expect(both.categories).toEqual([{ id: 1, name: "cat" }]);
  expect(await collect(await cocoFormat.read(file))).toHaveLength(1);
});

test("LVIS's files name images by address, and its fields survive", async () => {
  const folder = await makeTemporaryFolder();
  const image = {
    id: 1,
    width: 6,
    height: 5,
    coco_url: "http://images.example.org/train2017/000000000001.jpg",
    neg_category_ids: [2],
    not_exhaustive_category_ids: [1],
  };
  const category = {
    id: 1,
    name: "cat",
    synset: "cat.n.01",
    frequency: "f",
    def: "a cat",
    synonyms: ["cat"],
    image_count: 9,
    instance_count: 12,
  };
  const annotation = {
    id: 1,
    image_id: 1,
    category_id: 1,
    segmentation: [[1, 1, 3, 1, 3, 3]],
    area: 2,
    bbox: [1, 1, 2, 2],
  };
  await writeFile(
    join(folder, "lvis_v1_val.json"),
    JSON.stringify({
      images: [image],
      annotations: [annotation],
      categories: [category, { id: 2, name: "dog" }],
    }),
  );
  const sight = await lookAt(folder);
  expect([await lvisFormat.detect(sight), await cocoFormat.detect(sight)]).toEqual([true, false]);
  const dataset = await lvisFormat.read(folder);
  const report = await lvisFormat.write(dataset, join(folder, "out"));
  expect(report.losses).toEqual([]);
  const written = JSON.parse(await readFile(join(folder, "out", "annotations/lvis_v1_default.json"), "utf8"));
  expect(written.images).toEqual([{ ...image, file_name: "train2017/000000000001.jpg" }]);
  expect(written.annotations).toEqual([annotation]);
  expect(written.categories).toEqual([
    category,
    { id: 2, name: "dog", frequency: "r", image_count: 0, instance_count: 0 },
  ]);
});

test("numbers that are there twice change, and masks without a class get one", async () => {
  const folder = await makeTemporaryFolder();
  const annotations = [makeAnnotation(exampleMasks.bar)];
  const records = await Promise.all([1, 2].map(async (id) => ({ image: await makeImage(id), annotations })));
  const report = await cocoFormat.write(datasetFromRecords(records, { categories }), folder);
  expect(report.losses).toMatchObject([{ feature: "annotationIds", count: 1 }]);
  const written = JSON.parse(await readFile(join(folder, cocoFile), "utf8"));
  expect(written.annotations.map(({ id, category_id }: Record<string, number>) => [id, category_id])).toEqual(
    [
      [1, 8],
      [2, 8],
    ],
  );
  expect(written.categories.at(-1)).toEqual({ id: 8, name: "object" });
});

test("a stopped run leaves no annotation file, and going on keeps the images", async () => {
  const folder = await makeTemporaryFolder();
  const dataset = datasetFromRecords(await makeRecords(), about);
  const stop = new AbortController();
  const stopped = cocoFormat.write(dataset, folder, { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  expect(await readdir(folder)).toEqual([".segany-unfinished.json", "annotations", "images"]);
  await expect(cocoFormat.write(dataset, folder)).rejects.toMatchObject({ code: "output-exists" });
  expect(await cocoFormat.write(dataset, folder, { resume: true })).toMatchObject({
    imageFiles: 1,
    keptFiles: 1,
  });
  expect(await collect(await cocoFormat.read(folder))).toEqual(await collect(dataset));
});

test("two images of one name, or one outside the folder, are refused", async () => {
  const folder = await makeTemporaryFolder();
  const write = async (...names: string[]) => {
    const records = names.map(async (fileName, i) => ({
      image: await makeImage(i, { fileName }),
      annotations: [],
    }));
    return cocoFormat.write(
      datasetFromRecords(await Promise.all(records)),
      join(folder, `out${names.length}`),
    );
  };
  await expect(write("a.png", "a.png")).rejects.toMatchObject({ code: "dataset-invalid" });
  await expect(write("../../evil.png")).rejects.toMatchObject({ code: "name-unsafe" });
  expect(existsSync(join(folder, "..", "evil.png"))).toBe(false);
});

const image = { id: 1, file_name: "a.png", width: 6, height: 5 };
const mask = { size: [5, 6], counts: [30] };
test.each([
  ["no lists", {}, "dataset-invalid"],
  ["images that are no list", { images: {}, annotations: [] }, "dataset-invalid"],
  ["an image that is no object", { images: [1], annotations: [] }, "dataset-invalid"],
  ["an image id twice", { images: [image, image], annotations: [] }, "dataset-invalid"],
  [
    "an unsafe file name",
    { images: [{ ...image, file_name: "../etc/passwd" }], annotations: [] },
    "name-unsafe",
  ],
  [
    "a mask of no image",
    { images: [image], annotations: [{ id: 1, image_id: 2, segmentation: mask }] },
    "annotation-invalid",
  ],
  [
    "a mask of no class",
    {
      images: [image],
      categories: [{ id: 1, name: "x" }],
      annotations: [{ id: 1, image_id: 1, category_id: 2, segmentation: mask }],
    },
    "annotation-invalid",
  ],
  [
    "a box of text",
    { images: [image], annotations: [{ id: 1, image_id: 1, segmentation: mask, bbox: "x" }] },
    "annotation-invalid",
  ],
])("refuses %s, on both ways of reading", async (_, content, code) => {
  const file = join(await makeTemporaryFolder(), "annotations.json");
  await writeFile(file, JSON.stringify(content));
  for (const keepBelowBytes of [0, 1e9]) {
    await expect(readCoco(file, { keepBelowBytes }).then(collect)).rejects.toMatchObject({ code });
  }
});
