import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openDataset } from "@segany/dataset";
import { parseSa1b, toSa1b } from "@segany/dataset/formats";
import { encodeRle, type MaskRecord } from "@segany/masks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTree } from "../../../../scripts/testing/folder-state.mjs";
import { categoriesOf, toDatasetRecord, writeCoco, writeMasks } from "./formats.js";
import { annotationId, collectInputs, type InputImage } from "./inputs.js";
import type { OutputFormat } from "./options.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-formats-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** Two columns of a 4 x 3 image, with the box of Meta's generator: one less wide and high. */
const found: MaskRecord = {
  segmentation: encodeRle({ width: 4, height: 3, data: Uint8Array.of(0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0) }),
  area: 6,
  bboxXywh: [1, 0, 1, 2],
  predictedIou: 0.9375,
  pointCoords: [[1.5, 2]],
  stabilityScore: 0.96875,
  cropBoxXywh: [0, 0, 4, 3],
};
const input: InputImage = { path: "in/sub/a.jpg", fileName: "sub/a.jpg", outputStem: "sub/a", imageId: 7 };
const segmented = { input, width: 4, height: 3, records: [found, found] };
const read = async (name: string) => readFile(join(folder, name), "utf8");

describe("masks of one image", () => {
  it("are SA-1B's JSON, with the boxes of the mask generator", async () => {
    const record = toDatasetRecord(segmented, "sa1b");
    expect(await writeMasks(folder, record, "sa1b")).toEqual(["sub/a.json"]);
    const { size, counts } = found.segmentation;
    const annotation = (id: number) =>
      `{"id":${id},"segmentation":{"size":${JSON.stringify(size)},"counts":"${counts}"},"area":6,"bbox":[1,0,1,2],"predicted_iou":0.9375,"point_coords":[[1.5,2]],"stability_score":0.96875,"crop_box":[0,0,4,3]}`;
    expect(await read("sub/a.json")).toBe(
      `{"image":{"image_id":7,"width":4,"height":3,"file_name":"a.jpg"},"annotations":[${annotation(700_001)},${annotation(700_002)}]}`,
    );
  });

  it("are PNGs beside the table of amg.py", async () => {
    const names = await writeMasks(folder, toDatasetRecord(segmented, "png"), "png");
    expect(names).toEqual(["sub/a/0.png", "sub/a/1.png", "sub/a/metadata.csv"]);
    const [, ...rows] = (await read("sub/a/metadata.csv")).trimEnd().split("\n");
    expect(rows).toEqual([
      "0,6,1,0,1,2,1.5,2,0.9375,0.96875,0,0,4,3",
      "1,6,1,0,1,2,1.5,2,0.9375,0.96875,0,0,4,3",
    ]);
  });

  it("have the words that found them as classes, and as fields where a format has none", async () => {
    const categories = categoriesOf(["cat", "dog"]);
    const labelled = { ...found, found: { label: "dog", category: "dog", score: 0.5 } };
    const record = (format: OutputFormat) =>
      toDatasetRecord({ ...segmented, records: [labelled] }, format, categories);
    await writeMasks(folder, record("sa1b"), "sa1b", categories);
    expect(JSON.parse(await read("sub/a.json")).annotations[0]).toMatchObject({
      label: "dog",
      category: "dog",
      text_score: 0.5,
    });
    await writeMasks(folder, record("png"), "png", categories);
    expect((await read("sub/a/metadata.csv")).trimEnd().split("\n")).toEqual([
      expect.stringMatching(/,category$/),
      expect.stringMatching(/,dog$/),
    ]);
    const kept = parseSa1b(JSON.parse(JSON.stringify(toSa1b(record("coco")))), "journal");
    for (const [i, each] of [record("coco"), kept].entries()) {
      await writeCoco(folder, `${i}.json`, [each], categories);
      const file = JSON.parse(await read(`${i}.json`));
      expect(file.categories.map(({ name }: { name: string }) => name)).toEqual(["cat", "dog"]);
      expect(file.annotations[0]).toMatchObject({ category_id: 2, text_score: 0.5 });
    }
  });

  it("are in COCO's file with COCO's boxes and one class, whether they are new or from the journal", async () => {
    const other = { ...input, path: "in/b/a.jpg", fileName: "b/a.jpg", imageId: 3 };
    const records = [segmented, { ...segmented, input: other }].map((each) => toDatasetRecord(each, "coco"));
    const kept = parseSa1b(JSON.parse(JSON.stringify(toSa1b(records[1]!))), "journal");
    expect(await writeMasks(folder, records[0]!, "coco")).toEqual([]);
    await writeCoco(folder, "annotations-1-of-2.json", [records[0]!, kept]);
    const file = JSON.parse(await read("annotations-1-of-2.json"));
    expect(file).toMatchObject({
      info: { description: "Masks by Segany" },
      images: [
        { id: 7, file_name: "sub/a.jpg", width: 4, height: 3 },
        { id: 3, file_name: "b/a.jpg", width: 4, height: 3 },
      ],
      categories: [{ id: 1, name: "object" }],
    });
    expect(file.annotations.map((annotation: object) => Object.entries(annotation).slice(2))).toEqual(
      [7, 7, 3, 3].map((image_id) => [
        ["area", 6],
        ["bbox", [1, 0, 2, 3]],
        ["predicted_iou", 0.9375],
        ["point_coords", [[1.5, 2]]],
        ["stability_score", 0.96875],
        ["crop_box", [0, 0, 4, 3]],
        ["image_id", image_id],
        ["category_id", 1],
        ["iscrowd", 0],
      ]),
    );
  });

  it("in folders are one data set, in which every image has a name of its own", async () => {
    for (const [imageId, stem] of [
      [1, "x/a"],
      [2, "y/a"],
    ] as const) {
      const image = { path: `in/${stem}.jpg`, fileName: `${stem}.jpg`, outputStem: stem, imageId };
      await writeMasks(folder, toDatasetRecord({ ...segmented, input: image }, "sa1b"), "sa1b");
    }
    const names: string[] = [];
    for await (const { image } of (await openDataset(folder)).records()) names.push(image.fileName);
    expect(names.sort()).toEqual(["x/a.jpg", "y/a.jpg"]);
  });
});

describe("images of a folder", () => {
  it("have numbers that stay exact, and so have their masks", async () => {
    const names = ["202312011230", "202312011231", "999999999999999999", "sa_12", "000000000139", "photo"];
    makeTree(folder, Object.fromEntries(names.map((name) => [`${name}.jpg`, "x"])));
    const { images: inputs } = await collectInputs([folder], false);
    const ids = inputs.flatMap((image) => Array.from({ length: 8 }, (_, i) => annotationId(image, i)));
    expect(new Set(ids).size).toBe(8 * names.length);
    expect(ids.every(Number.isSafeInteger)).toBe(true);
    const idOf = (stem: string) => inputs.find(({ outputStem }) => outputStem === stem)?.imageId;
    expect([idOf("sa_12"), idOf("000000000139")]).toEqual([12, 139]);
  });

  it.skipIf(process.platform === "win32")("are called as they are, and their masks safely", async () => {
    const long = "a".repeat(230);
    makeTree(folder, { "sub/12:30.jpg": "x", "CON.png": "x", [`${long}.jpg`]: "x" });
    await writeFile(join(folder, "a\\b.jpg"), "x");
    const { images: inputs } = await collectInputs([folder], true);
    for (const image of inputs) {
      const record = toDatasetRecord({ ...segmented, input: image }, "sa1b");
      expect(await writeMasks(folder, record, "sa1b")).toEqual([`${image.outputStem}.json`]);
      const { image: said } = JSON.parse(await read(`${image.outputStem}.json`));
      expect(said.file_name).toBe(basename(image.fileName));
    }
    expect(inputs.map(({ fileName }) => fileName).sort()).toEqual(
      ["sub/12:30.jpg", "CON.png", `${long}.jpg`, "a_b.jpg"].sort(),
    );
    expect(inputs.map(({ outputStem }) => outputStem)).toEqual(
      expect.arrayContaining(["sub/12_30", "_CON", "a_b"]),
    );
  });
});
