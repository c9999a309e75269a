/** What annotation tools' formats give back of what was written in them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { splitDataset } from "../operations/split.js";
import type { Annotation } from "../record.js";
import { collect } from "../testing/collect.js";
import { exampleMasks, makeAnnotation, makeImage } from "../testing/make-records.js";
import { apart, lossesOf, nested, writeAndRead } from "../testing/mask-sets.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { newBox } from "./new-annotation.js";
import { datasetFormats, detectFormat, findFormat } from "./node-registry.js";

const categories = [
  { id: 3, name: "cell, big" },
  { id: 5, name: 'a <b> & "c"' },
];

const set = async (annotations: readonly Annotation[]) =>
  datasetFromRecords(
    [
      { image: await makeImage(1, { fileName: "a/one.png" }), annotations },
      { image: await makeImage(2, { fileName: "two.png" }), annotations: [] },
    ],
    { categories },
  );

const masksOf = (masks: Parameters<typeof encodeRle>[0][]) =>
  masks.map((mask, i) => makeAnnotation(mask, { id: i + 1, categoryId: [3, 5][i % 2]! }));

describe.each(["cvat", "labelstudio", "kaggle"])("%s", (format) => {
  it("gives back overlapping masks with holes and parts, their classes and images", async () => {
    const masks = [...Object.values(exampleMasks), nested];
    const { back, path, report } = await writeAndRead(await set(masksOf(masks)), findFormat(format));
    expect((await detectFormat(path)).name).toBe(format);
    const names = new Map(back.categories.map(({ id, name }) => [id, name]));
    const [one, two] = (await collect(back)).sort((a, b) => (a.image.fileName < b.image.fileName ? -1 : 1));
    expect([one!.image.fileName, two!.image.fileName]).toEqual(["a/one.png", "two.png"]);
    expect(one!.image.bytes).toBeDefined();
    expect(one!.annotations.map(({ segmentation }) => segmentation)).toEqual(
      masks.map((mask) => encodeRle(mask)),
    );
    expect(one!.annotations.map(({ categoryId }) => names.get(categoryId!))).toEqual(
      masks.map((_, i) => categories[i % 2]!.name),
    );
    expect(two!.annotations).toEqual([]);
    expect(report).toMatchObject({ images: 2, annotations: 4, imageFiles: 2 });
    for (const kept of ["categories", "holes", "parts", "overlaps"])
      expect(lossesOf(report)).not.toHaveProperty(kept);
  });
});

it.each(["cvat", "labelstudio"])("%s gives back boxes and outlines", async (format) => {
  const polygons = [[1, 1, 4, 1, 4, 3, 1, 3]];
  const mask = { width: 6, height: 5, data: new Uint8Array(30) };
  for (const y of [1, 2]) for (const x of [1, 2, 3]) mask.data[y * 6 + x] = 1;
  const annotations = [
    makeAnnotation(mask, { categoryId: 3, polygons }),
    newBox(2, [1.5, 0, 3, 4], { categoryId: 5 }),
  ];
  const { back, report } = await writeAndRead(await set(annotations), findFormat(format));
  const found = (await collect(back)).flatMap((record) => record.annotations);
  expect(found.find(({ polygons: outlines }) => outlines)).toMatchObject({
    polygons,
    segmentation: encodeRle(mask),
  });
  const box = found.find(({ segmentation }) => !segmentation)!;
  for (const [i, value] of [1.5, 0, 3, 4].entries()) expect(box.bboxXywh[i]).toBeCloseTo(value, 4);
  expect(lossesOf(report).bareBoxes).toBeUndefined();
});

it("panoptic leaves out a mask that others hide, and says the area that is drawn", async () => {
  const full = { width: 6, height: 5, data: new Uint8Array(30).fill(1) };
  const halves = [0, 15].map((start) => ({
    ...full,
    data: full.data.map((_, i) => (i >= start && i < start + 15 ? 1 : 0)),
  }));
  const { path, back } = await writeAndRead(await set(masksOf([full, ...halves])), findFormat("panoptic"));
  const one = (await collect(back)).find(({ image }) => image.fileName === "a/one.png")!;
  expect(one.annotations.map(({ segmentation }) => segmentation)).toEqual(halves.map(encodeRle));
  const file = JSON.parse(await readFile(join(path, "annotations/panoptic_default.json"), "utf8"));
  expect(file.annotations[0].segments_info).toMatchObject([
    { id: 2, area: 15 },
    { id: 3, area: 15 },
  ]);
});

it.each(datasetFormats)(
  "$name writes no mask without a pixel, and says how many there were",
  async (format) => {
    const empty = { width: 6, height: 5, data: new Uint8Array(30) };
    const { back, report } = await writeAndRead(await set(masksOf([apart[0]!, empty])), format);
    expect((await collect(back)).flatMap(({ annotations }) => annotations)).toHaveLength(1);
    expect(report.annotations).toBe(1);
    expect(lossesOf(report).emptyMasks).toBe(1);
  },
);

it.each([
  ["coco", "instances"],
  ["lvis", "lvis_v1"],
  ["panoptic", "panoptic"],
])("parts of a set are written as %s with their names in those of the files", async (format, prefix) => {
  const parts = await splitDataset(await set([]), { ratios: { train: 1, "../val": 1 } });
  for (const [part, file] of [
    ["train", "train"],
    ["../val", ".._val"],
  ] as const) {
    const { path, back } = await writeAndRead(parts.get(part)!, findFormat(format));
    expect(await readdir(join(path, "annotations"))).toContain(`${prefix}_${file}.json`);
    expect(await collect(back)).toHaveLength(1);
  }
});

it("classes of one name become one where a format knows them by name, and that is said", async () => {
  const dataset = datasetFromRecords(
    [
      {
        image: await makeImage(1),
        annotations: apart.slice(0, 2).map((mask, i) => makeAnnotation(mask, { id: i, categoryId: i + 1 })),
      },
    ],
    {
      categories: [
        { id: 1, name: "cat" },
        { id: 2, name: "cat" },
      ],
    },
  );
  const found = [];
  for (const format of [
    "coco",
    "yolo",
    "semantic",
    "panoptic",
    "labelme",
    "cvat",
    "labelstudio",
    "png",
    "voc",
  ]) {
    const { back, report } = await writeAndRead(dataset, findFormat(format));
    const classes = (await collect(back)).flatMap(({ annotations }) =>
      annotations.map((mark) => mark.categoryId),
    );
    const { sameNames } = lossesOf(report);
    expect(sameNames, format).toBe(new Set(classes).size === 2 ? undefined : 1);
    found.push([format, back.categories.length]);
  }
  expect(found).toEqual([
    ["coco", 2],
    ["yolo", 2],
    ["semantic", 2],
    ["panoptic", 2],
    ["labelme", 1],
    ["cvat", 1],
    ["labelstudio", 1],
    ["png", 1],
    ["voc", 2],
  ]);
});

it("kaggle and panoptic tell that boxes without masks are lost", async () => {
  for (const format of ["kaggle", "panoptic"]) {
    const { report } = await writeAndRead(
      await set([newBox(1, [0, 0, 2, 2], { categoryId: 3 })]),
      findFormat(format),
    );
    expect(lossesOf(report).bareBoxes).toBe(1);
    expect(report.annotations).toBe(0);
  }
});

it("panoptic gives back masks that don't overlap, classes with their ids, crowds, things and stuff", async () => {
  const annotations = masksOf(apart).map((mark, i) => ({ ...mark, isCrowd: i === 1 }));
  const { back, path, report } = await writeAndRead(await set(annotations), findFormat("panoptic"));
  expect((await detectFormat(path)).name).toBe("panoptic");
  const one = (await collect(back)).find(({ image }) => image.fileName === "a/one.png")!;
  expect(one.annotations.map(({ segmentation }) => segmentation)).toEqual(
    apart.map((mask) => encodeRle(mask)),
  );
  expect(one.annotations.map(({ categoryId, isCrowd }) => [categoryId, isCrowd])).toEqual([
    [3, false],
    [5, true],
    [3, false],
  ]);
  expect(back.categories).toMatchObject([{ id: 3, isThing: true }, { id: 5 }]);
  expect(lossesOf(report).overlaps).toBeUndefined();
});
