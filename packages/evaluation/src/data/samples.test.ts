import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadSharp } from "@segany/sam/images";
import { describe, expect, it } from "vitest";
import { HEIGHT, type TestSet, temporaryFolder, WIDTH, writeTestSet } from "../testing/synthetic-set.js";
import { readSampleImage } from "./read-sample-image.js";
import {
  atEqualSteps,
  byAnnotator,
  newSampleCounts,
  openSets,
  readSamples,
  type Sample,
  type SamplingSettings,
} from "./samples.js";

async function samplesOf(
  set: TestSet,
  settings: SamplingSettings = {},
  prepare: (path: string) => Promise<void> = async () => {},
) {
  await using folder = await temporaryFolder();
  const path = await writeTestSet(folder.path, set);
  await prepare(path);
  const [opened] = await openSets([{ path, format: "coco" }]);
  const counts = newSampleCounts();
  const samples: Sample[] = [];
  for await (const sample of readSamples(opened!, settings, counts, { withFiles: true }))
    samples.push(sample);
  return { samples, counts };
}

describe("readSamples", () => {
  it("takes crowds as regions to ignore, and leaves out empty masks", async () => {
    const { samples, counts } = await samplesOf({
      annotations: [
        { box: [1, 1, 10, 10] },
        { box: [30, 1, 10, 10], fields: { iscrowd: 1 } },
        { box: [0, 0, 0, 0] },
      ],
      ignore: [[60, 1, 10, 10]],
    });
    expect(samples.map(({ annotations }) => annotations.map(({ id }) => id))).toEqual([[1]]);
    expect(samples[0]!.ignoreRegions).toHaveLength(2);
    expect(counts).toMatchObject({ images: 1, masks: 1, crowds: 1, empty: 1, ignoreRegions: 1 });
  });

  it("asks the mask, then its class, whether it is a thing", async () => {
    const { samples, counts } = await samplesOf(
      {
        annotations: [
          { box: [1, 1, 5, 5] },
          { box: [9, 1, 5, 5], fields: { isthing: 0 } },
          { box: [18, 1, 5, 5], fields: { category_id: 2 } },
          { box: [27, 1, 5, 5], fields: { category_id: 2, isthing: 1 } },
        ],
        categories: [
          { id: 1, name: "cup" },
          { id: 2, name: "sky", isthing: 0 },
        ],
      },
      { thingsOnly: true },
    );
    expect(samples[0]!.annotations.map(({ id }) => id)).toEqual([1, 4]);
    expect(counts.stuff).toBe(2);
  });

  it("takes masks at equal steps and the first images that have any", async () => {
    const boxes = Array.from({ length: 5 }, (_, i) => ({ box: [9 * i, 1, 5, 5] as const, imageId: 2 }));
    const { samples, counts } = await samplesOf(
      { annotations: [...boxes, { box: [1, 1, 4, 4], imageId: 3 }], images: 3 },
      { limit: 1, maxMasks: 2 },
    );
    expect(samples.map(({ image }) => image.fileName)).toEqual(["2.png"]);
    expect(samples[0]!.annotations.map(({ id }) => id)).toEqual([1, 3]);
    expect(counts.beyondMaxMasks).toBe(3);
    expect(atEqualSteps([...Array(10).keys()], 4)).toEqual([0, 2, 5, 7]);
    expect(atEqualSteps([1, 2], 4)).toEqual([1, 2]);
  });

  it("groups by annotator in the order of the file", async () => {
    const of = (annotator: number) => ({ box: [1, 1, 4, 4] as const, fields: { annotator } });
    const { samples } = await samplesOf({ annotations: [of(1), of(0), of(1)] });
    const groups = byAnnotator(samples[0]!.annotations);
    expect(groups.map((group) => group.map(({ id }) => id))).toEqual([[1, 3], [2]]);
  });

  it("passes over images without a file and counts them, and refuses a set that has none", async () => {
    const annotations = [1, 2].map((imageId) => ({ box: [1, 1, 4, 4] as const, imageId }));
    const without = (...ids: number[]) =>
      samplesOf({ annotations, images: 2 }, { limit: 1 }, async (path) => {
        for (const id of ids) await rm(join(path, "images", `${id}.png`));
      });
    const { samples, counts } = await without(1);
    expect(samples.map(({ index, image }) => [index, image.fileName])).toEqual([[0, "2.png"]]);
    expect(counts).toMatchObject({ images: 1, masks: 1, missingImages: 1 });
    await expect(without(1, 2)).rejects.toMatchObject({
      code: "image-missing",
      message: expect.stringMatching(/^Of the 2 images of .* \(--image-folder\)/),
    });
  });

  it("has masks as images are seen where EXIF turns them", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(folder.path, { annotations: [{ box: [4, 4, 40, 20] }] });
    const file = join(path, "images", "1.png");
    const image = (await loadSharp())(await readFile(file)).withMetadata({ orientation: 6 });
    await writeFile(file, await image.png().toBuffer());
    const [set] = await openSets([{ path }]);
    for await (const { image, annotations } of readSamples(set!, {}, newSampleCounts())) {
      expect(annotations[0]!.bboxXywh).toEqual([HEIGHT - 24, 4, 20, 40]);
      expect(await readSampleImage(image)).toMatchObject({ width: HEIGHT, height: WIDTH });
    }
  });

  it("says what to do with a set of crowds alone", async () => {
    await expect(
      samplesOf({ annotations: [{ box: [1, 1, 5, 5], fields: { iscrowd: 1 } }] }),
    ).rejects.toMatchObject({
      code: "dataset-empty",
      message: expect.stringMatching(
        /1 of its masks are crowds .* segany dataset remap SET CLEARED --clear-crowd$/,
      ),
    });
  });

  it("takes the folder of images and the encoding that a source names", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(join(folder.path, "set"), { annotations: [{ box: [1, 1, 4, 4] }] });
    await rename(join(path, "images"), join(folder.path, "elsewhere"));
    const text = await readFile(join(path, "annotations.json"), "utf8");
    const [before, after] = text.split('"name":"box"');
    const name = Buffer.concat([Buffer.from('"name":"'), Buffer.from([0xb9, 0xb7]), Buffer.from('"')]);
    await writeFile(
      join(path, "annotations.json"),
      Buffer.concat([Buffer.from(before!), name, Buffer.from(after!)]),
    );
    const source = { path, images: join(folder.path, "elsewhere"), encoding: "gb18030" };
    const [set] = await openSets([source]);
    expect(set!.dataset.categories.map(({ name }) => name)).toEqual(["\u72d7"]);
    for await (const { image } of readSamples(set!, {}, newSampleCounts(), { withFiles: true }))
      expect(image.open).toBeDefined();
    await expect(openSets([{ path }])).rejects.toMatchObject({ code: "text-invalid" });
  });

  it("refuses a set without masks, and numbers sets of one name", async () => {
    await expect(samplesOf({ annotations: [] })).rejects.toMatchObject({ code: "dataset-empty" });
    await expect(
      samplesOf({ annotations: [{ box: [1, 1, 4, 4], fields: { segmentation: [] } }] }),
    ).rejects.toMatchObject({
      code: "dataset-empty",
      message: expect.stringMatching(
        /1 annotations are boxes without a mask.*segany dataset masks-from-boxes SET WITH-MASKS$/,
      ),
    });
    await using folder = await temporaryFolder();
    const path = await writeTestSet(join(folder.path, "mine"), { annotations: [{ box: [1, 1, 4, 4] }] });
    const sets = await openSets([{ path }, { path }, { path, name: "other" }]);
    expect(sets.map(({ name }) => name)).toEqual(["mine", "mine (2)", "other"]);
  });
});
