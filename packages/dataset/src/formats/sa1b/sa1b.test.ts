import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookAt } from "../../files/sight.js";
import { collect } from "../../testing/collect.js";
import {
  exampleMasks,
  makeAnnotation,
  makeImage,
  makePng,
  makeSa1bRecords,
} from "../../testing/make-records.js";
import { writeTar } from "../../testing/make-tar.js";
import { makeTemporaryFolder } from "../../testing/temporary-folder.js";
import { datasetFromRecords } from "../memory-dataset.js";
import { detectSa1b, readSa1b } from "./node-read-sa1b.js";
import { writeSa1b } from "./node-write-sa1b.js";
import { toSa1b } from "./sa1b.js";

test("a folder of files holds all of SA-1B's fields, and Meta's own names for them", async () => {
  const folder = await makeTemporaryFolder();
  const dataset = datasetFromRecords(await makeSa1bRecords(3));
  const report = await writeSa1b(dataset, folder);
  expect(report).toEqual({
    format: "sa1b",
    images: 3,
    annotations: 9,
    imageFiles: 3,
    keptFiles: 0,
    losses: [],
    missingImages: { count: 0, names: [] },
    renamed: [],
  });
  expect(await collect(await readSa1b(folder))).toEqual(await collect(dataset));
  expect(await detectSa1b(await lookAt(folder))).toBe(true);
  const json = JSON.parse(await readFile(join(folder, "sa_1.json"), "utf8"));
  expect(json.image).toEqual({ image_id: 1, width: 6, height: 5, file_name: "sa_1.png" });
  expect(json.annotations[0]).toEqual({
    id: 1,
    segmentation: { size: [5, 6], counts: expect.any(String) },
    area: 8,
    bbox: [1, 1, 3, 3],
    predicted_iou: 0.5,
    point_coords: [[2.5, 1]],
    stability_score: 0.97,
    crop_box: [0, 0, 6, 5],
  });
});

test.each([
  ["files", {}],
  ["shards", { shardSizeBytes: 1e6 }],
])(
  "%s in folders are SA-1B's own, with names relative to them, and are read with the folder",
  async (_, options) => {
    const folder = await makeTemporaryFolder();
    const names = ["a/x.png", "b/x.png", "b/c/x.png"];
    const records = (await makeSa1bRecords(3)).map((record, i) => ({
      ...record,
      image: { ...record.image, fileName: names[i]! },
    }));
    await writeSa1b(datasetFromRecords(records), folder, options);
    const read = await collect(await readSa1b(folder));
    expect(read.map(({ image }) => image.fileName).sort()).toEqual([...names].sort());
    expect(read.every(({ image }) => image.bytes)).toBe(true);
    if ("shardSizeBytes" in options) return;
    const json = JSON.parse(await readFile(join(folder, "b/c/x.json"), "utf8"));
    expect(json.image.file_name).toBe("x.png"); // `b/c` alone is a whole set, as tools of SA-1B open it
    json.image.file_name = "b/c/x.png"; // as earlier versions wrote it
    await writeFile(join(folder, "b/c/x.json"), JSON.stringify(json));
    const again = await collect(await readSa1b(folder));
    expect(again.map(({ image }) => image.fileName).sort()).toEqual([...names].sort());
  },
);

test("shards stay below the size asked for, and hold the same records", async () => {
  const folder = await makeTemporaryFolder();
  const dataset = datasetFromRecords(await makeSa1bRecords(20));
  const shardSizeBytes = 12_000;
  await writeSa1b(dataset, folder, { shardSizeBytes });
  const shards = await readdir(folder);
  expect(shards.length).toBeGreaterThan(3);
  expect(shards[0]).toBe("sa_000000.tar");
  for (const shard of shards)
    expect((await stat(join(folder, shard))).size).toBeLessThanOrEqual(shardSizeBytes);
  expect(await collect(await readSa1b(folder))).toEqual(await collect(dataset));
});

test("a stopped run is gone on with: whole shards stay as they are, the begun one is made anew", async () => {
  const folder = await makeTemporaryFolder();
  const whole = await makeTemporaryFolder();
  const dataset = datasetFromRecords(await makeSa1bRecords(20));
  const options = { shardSizeBytes: 12_000 };
  await writeSa1b(dataset, whole, options);

  const stop = new AbortController();
  const onProgress = ({ images }: { images: number }): void => {
    if (images === 11) stop.abort();
  };
  const stopped = writeSa1b(dataset, folder, { ...options, signal: stop.signal, onProgress });
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  expect(await readdir(folder)).toEqual([".segany-unfinished.json", "sa_000000.tar", "sa_000001.tar"]);
  await writeFile(
    join(folder, ".01234567-89ab-cdef-0123-456789abcdef.tmp"),
    "left by a process that was killed",
  );
  const { mtimeMs } = await stat(join(folder, "sa_000000.tar"));

  await expect(writeSa1b(dataset, folder, options)).rejects.toMatchObject({ code: "output-exists" });
  const report = await writeSa1b(dataset, folder, { ...options, resume: true });
  expect(report.keptFiles).toBeGreaterThan(0);
  expect(report.images).toBe(20);
  expect((await stat(join(folder, "sa_000000.tar"))).mtimeMs).toBe(mtimeMs);
  expect(await readdir(folder)).toEqual(await readdir(whole));
  for (const shard of await readdir(whole)) {
    expect((await readFile(join(folder, shard))).equals(await readFile(join(whole, shard)))).toBe(true);
  }
});

test("shards of another data set are not gone on with", async () => {
  const folder = await makeTemporaryFolder();
  const records = await makeSa1bRecords(6);
  await writeSa1b(datasetFromRecords(records), folder, { shardSizeBytes: 4000 });
  const other = datasetFromRecords(records.toReversed());
  await expect(writeSa1b(other, folder, { shardSizeBytes: 4000, resume: true })).rejects.toMatchObject({
    code: "output-exists",
  });
});

test("in a shard an image and its masks may come in any order and far apart", async () => {
  const folder = await makeTemporaryFolder();
  const records = await makeSa1bRecords(3);
  const json = records.map((record) => JSON.stringify(toSa1b(record)));
  const png = await makePng(6, 5);
  await writeTar(join(folder, "sa_000000.tar"), [
    { name: "sa_1.json", bytes: json[0]! },
    { name: "sa_2.png", bytes: png },
    { name: "LICENSE", bytes: "x" },
    { name: "sa_3.png", bytes: png },
    { name: "sa_3.json", bytes: json[2]! },
    { name: "sa_2.json", bytes: json[1]! },
    { name: "sa_1.png", bytes: png },
  ]);
  expect(await collect(await readSa1b(join(folder, "sa_000000.tar")))).toEqual(
    await collect(datasetFromRecords(records)),
  );
});

test("extracted shards are read from the folders they lie in, and masks without an image stay", async () => {
  const folder = await makeTemporaryFolder();
  const records = await makeSa1bRecords(4);
  await mkdir(join(folder, "sa_000001"));
  await writeSa1b(datasetFromRecords(records.slice(0, 2)), join(folder, "sa_000000"));
  await writeSa1b(datasetFromRecords(records.slice(2)), join(folder, "sa_000001"));
  await rm(join(folder, "sa_000001", "sa_4.png"));
  const read = await collect(await readSa1b(folder));
  expect(read.map(({ image }) => [image.id, image.bytes !== undefined])).toEqual([
    [1, true],
    [2, true],
    [3, true],
    [4, false],
  ]);
});

test("what SA-1B can't hold is counted", async () => {
  const annotation = makeAnnotation(exampleMasks.bar, {
    categoryId: 3,
    isCrowd: true,
    annotator: 1,
    isThing: true,
  });
  const record = {
    image: await makeImage(1, { negCategoryIds: [1] }),
    annotations: [annotation, annotation],
  };
  const dataset = datasetFromRecords([record], {
    categories: [{ id: 3, name: "car", supercategory: "vehicle" }],
  });
  const { losses } = await writeSa1b(dataset, await makeTemporaryFolder());
  expect(losses.map(({ feature, count }) => [feature, count])).toEqual([
    ["annotator", 2],
    ["categories", 2],
    ["crowd", 2],
    ["isThing", 2],
    ["lvisImageCategories", 1],
  ]);
});

test("nothing is written outside the output folder", async () => {
  const folder = await makeTemporaryFolder();
  const record = { image: await makeImage(1, { fileName: "../evil.png" }), annotations: [] };
  for (const shardSizeBytes of [undefined, 1e6]) {
    const written = writeSa1b(datasetFromRecords([record]), join(folder, `out-${shardSizeBytes}`), {
      shardSizeBytes,
    });
    await expect(written).rejects.toMatchObject({ code: "name-unsafe" });
  }
  expect(existsSync(join(folder, "evil.png"))).toBe(false);
});

test.each([
  ["an unsafe image name", { image_id: 1, width: 6, height: 5, file_name: "../a.png" }, "name-unsafe"],
  ["a width of 0", { image_id: 1, width: 0, height: 5, file_name: "a.png" }, "annotation-invalid"],
  ["no image", undefined, "dataset-invalid"],
])("refuses a file with %s", async (_, image, code) => {
  const folder = await makeTemporaryFolder();
  await writeFile(join(folder, "a.json"), JSON.stringify({ image, annotations: [] }));
  await expect(readSa1b(folder).then(collect)).rejects.toMatchObject({ code });
});

test("two images that would get one JSON file are refused", async () => {
  const records = [
    { image: await makeImage(1, { fileName: "a.png" }), annotations: [] },
    { image: await makeImage(2, { fileName: "A.jpg" }), annotations: [] },
  ];
  const written = writeSa1b(datasetFromRecords(records), await makeTemporaryFolder());
  await expect(written).rejects.toMatchObject({ code: "dataset-invalid" });
});

test("scores are written as fractions, for readers that tell 1 from 1.0", async () => {
  const folder = await makeTemporaryFolder();
  const annotation = makeAnnotation(exampleMasks.bar, {
    predictedIou: 1,
    stabilityScore: 0,
    extra: { note: '"predicted_iou":1,' },
  });
  await writeSa1b(datasetFromRecords([{ image: await makeImage(1), annotations: [annotation] }]), folder);
  const text = await readFile(join(folder, "sa_1.json"), "utf8");
  expect(text).toContain('"predicted_iou":1.0,"stability_score":0.0');
  expect((await collect(await readSa1b(folder)))[0]!.annotations).toEqual([annotation]);
});
