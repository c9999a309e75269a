import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Annotation,
  convert,
  type Dataset,
  datasetFromRecords,
  openDataset,
  validate,
} from "@segany/dataset";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasSharedData, sharedData } from "./shared-data.js";

const sets = [
  "nuclei",
  "bsds500",
  "coco_panoptic",
  "camvid",
  "retina_vessels",
  "polyp",
  "cracks",
  "magnetic_tile",
  "isbi_membrane",
];
const imagesOfEach = 4;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** The first images of a set, as a set. */
async function beginningOf(name: string): Promise<Dataset> {
  const dataset = await openDataset(sharedData(name));
  const records = [];
  for await (const record of dataset.records()) {
    records.push(record);
    if (records.length === imagesOfEach) break;
  }
  const { categories, info, licenses } = dataset;
  return datasetFromRecords(records, { categories, ...(info && { info }), ...(licenses && { licenses }) });
}

/** Each image's bytes and masks by its name; `keep` says what of a mask is compared. */
async function contentOf(
  dataset: Dataset,
  keep: (annotation: Annotation) => unknown,
): Promise<Map<string, unknown>> {
  const content = new Map<string, unknown>();
  for await (const { image, annotations, ignoreRegions } of dataset.records()) {
    const bytes = Buffer.from(await image.open!()).toString("base64");
    content.set(image.fileName, { bytes, masks: annotations.map(keep), regions: ignoreRegions });
  }
  return content;
}

describe.skipIf(!hasSharedData)("real data sets", () => {
  test.each(sets)(
    "%s: COCO to SA-1B shards and back gives every mask bit for bit, holes and parts included",
    async (name) => {
      const source = await beginningOf(name);
      const shards = join(folder, name, "sa1b");
      const coco = join(folder, name, "coco");
      await convert(source, "sa1b", shards, { shardSizeBytes: 500_000 });
      expect(await validate(shards)).toMatchObject({ images: imagesOfEach, problemCount: 0 });
      const back = await convert(await openDataset(shards), "coco", coco);
      expect(back.losses).toEqual([]);
      expect(await validate(coco)).toMatchObject({ images: imagesOfEach, problemCount: 0 });
      const masks = ({ id, segmentation, bboxXywh, area }: Annotation) => ({
        id,
        segmentation,
        bboxXywh,
        area,
      });
      const expected = await contentOf(source, masks);
      const found = await contentOf(await openDataset(coco), masks);
      for (const [file, content] of expected) {
        expect(found.get(file)).toEqual({ ...(content as object), regions: undefined });
      }
    },
  );

  test.each(sets)(
    "%s: COCO to COCO keeps every field, COCO to LVIS all but crowds and regions to ignore",
    async (name) => {
      const source = await beginningOf(name);
      const coco = join(folder, name, "coco-again");
      expect((await convert(source, "coco", coco)).losses).toEqual([]);
      const again = await openDataset(coco);
      expect(again).toMatchObject({ categories: source.categories, info: source.info });
      expect(await contentOf(again, (annotation) => annotation)).toEqual(
        await contentOf(source, (annotation) => annotation),
      );
      const lvis = join(folder, name, "lvis");
      const { losses } = await convert(source, "lvis", lvis);
      expect(losses.every(({ feature }) => feature === "crowd" || feature === "ignoreRegions")).toBe(true);
      const read = await openDataset(lvis);
      expect(read.format).toBe("lvis");
      expect(await validate(lvis)).toMatchObject({ format: "lvis", problemCount: 0 });
    },
  );
});
