import { join } from "node:path";
import { encodeRle, type Rle, rleArea } from "@segany/masks";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../record.js";
import { collect } from "../testing/collect.js";
import { exampleMasks, makeImage } from "../testing/make-records.js";
import {
  apart,
  countsOf,
  lossesOf,
  nested,
  smallSet,
  writeAndRead as writeAndOpen,
} from "../testing/mask-sets.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { detectFormat, findFormat } from "./node-registry.js";

const shared = process.env.SEGANY_SHARED ?? new URL("../../../../../shared", import.meta.url).pathname;
const writeAndRead = (dataset: Dataset, format: string) => writeAndOpen(dataset, findFormat(format));

describe("formats that hold overlapping masks", () => {
  for (const format of ["yolo", "labelme", "png"]) {
    it(`${format} gives back masks with holes, islands and parts, their classes and image files`, async () => {
      const dataset = await smallSet([...Object.values(exampleMasks), nested]);
      const { report, back, path } = await writeAndRead(dataset, format);
      expect((await detectFormat(path)).name).toBe(format);
      const before = await collect(dataset);
      const after = await collect(back);
      const names = new Map(back.categories.map(({ id, name }) => [id, name]));
      expect(after.map(({ image }) => image.fileName).sort()).toEqual(["a/one.png", "two.png"]);
      const one = after.find(({ image }) => image.fileName === "a/one.png")!;
      expect(one.image.bytes).toEqual(before[0]!.image.bytes);
      expect(countsOf(one.annotations)).toEqual(countsOf(before[0]!.annotations));
      expect(one.annotations.map(({ categoryId }) => names.get(categoryId!))).toEqual(
        before[0]!.annotations.map(({ categoryId }) => (categoryId === 3 ? "cell, big" : 'a <b> & "c"')),
      );
      expect(report).toMatchObject({ format, images: 2, annotations: 4, imageFiles: 2, keptFiles: 0 });
      expect(lossesOf(report)).not.toHaveProperty("holes");
      expect(lossesOf(report)).toMatchObject({ categoryIds: 2, imageIds: 2 });
    });
  }
});

describe("formats with one number a pixel", () => {
  for (const format of ["voc", "labelmap"]) {
    it(`${format} gives back masks that don't overlap`, async () => {
      const dataset = await smallSet(apart);
      const { report, back, path } = await writeAndRead(dataset, format);
      expect((await detectFormat(path)).name).toBe(format);
      const after = await collect(back);
      const one = after.find(({ image }) => image.fileName === "a/one.png")!;
      expect(countsOf(one.annotations)).toEqual(apart.map((mask) => encodeRle(mask).counts));
      expect(lossesOf(report)).not.toHaveProperty("overlaps");
    });

    it(`${format} keeps small masks on top and counts the pixels they share with others`, async () => {
      const { report, back } = await writeAndRead(await smallSet(), format);
      const one = (await collect(back)).find(({ image }) => image.fileName === "a/one.png")!;
      const bar = one.annotations.find(({ id }) => id === 3)!;
      expect(bar.segmentation).toEqual(encodeRle(exampleMasks.bar));
      expect(lossesOf(report).overlaps).toBe(3);
    });
  }
});

describe("any writer", () => {
  it("no writer leaves its output folder, and two images with one name are refused", async () => {
    for (const format of ["yolo", "voc", "png", "labelmap", "labelme", "semantic"]) {
      const image = await makeImage(1, { fileName: "../../out.png" });
      const outside = datasetFromRecords([{ image, annotations: [] }]);
      const folder = await makeTemporaryFolder();
      const { write } = findFormat(format);
      await expect(write(outside, join(folder, "a"))).rejects.toMatchObject({ code: "name-unsafe" });
      const twice = datasetFromRecords([
        { image: await makeImage(1, { fileName: "A.png" }), annotations: [] },
        { image: await makeImage(2, { fileName: "a.jpg" }), annotations: [] },
      ]);
      await expect(write(twice, join(folder, "b"))).rejects.toMatchObject({ code: "dataset-invalid" });
    }
  });
});

describe("resuming", () => {
  it("keeps files that are there and writes the same", async () => {
    for (const format of ["yolo", "voc", "png", "labelmap", "labelme", "semantic"]) {
      const dataset = await smallSet(apart);
      const { path, report } = await writeAndRead(dataset, format);
      await expect(findFormat(format).write(dataset, path)).rejects.toMatchObject({ code: "output-exists" });
      const again = await findFormat(format).write(dataset, path, { resume: true });
      expect(again.keptFiles).toBeGreaterThanOrEqual(4);
      expect(again.losses).toEqual(report.losses);
    }
  });
});

describe("real sets", () => {
  const set = join(shared, "data/bsds500");
  for (const format of ["yolo", "labelme", "png"]) {
    it(`${format} gives back masks of a set with holes`, async (context) => {
      const source = await findFormat("coco")
        .read(set)
        .catch(() => undefined);
      if (!source) return context.skip(`needs ${set}`);
      const records = [];
      for await (const record of source.records()) {
        records.push({ ...record, annotations: record.annotations.slice(0, 8) });
        if (records.length === 3) break;
      }
      const { back } = await writeAndRead(
        datasetFromRecords(records, { categories: source.categories }),
        format,
      );
      const after = new Map((await collect(back)).map((record) => [record.image.fileName, record]));
      for (const { image, annotations } of records) {
        const rles: readonly Rle[] = annotations.map(({ segmentation }) => segmentation!);
        expect(after.get(image.fileName)!.annotations.map(({ segmentation }) => segmentation)).toEqual(rles);
        expect(rles.every((rle) => rleArea(rle) > 0)).toBe(true);
      }
    });
  }
});
