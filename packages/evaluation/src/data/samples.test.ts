import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type TestSet, temporaryFolder, writeTestSet } from "../testing/synthetic-set.js";
import {
  atEqualSteps,
  byAnnotator,
  newSampleCounts,
  openSets,
  readSamples,
  type Sample,
  type SamplingSettings,
} from "./samples.js";

async function samplesOf(set: TestSet, settings: SamplingSettings = {}) {
  await using folder = await temporaryFolder();
  const [opened] = await openSets([{ path: await writeTestSet(folder.path, set), format: "coco" }]);
  const counts = newSampleCounts();
  const samples: Sample[] = [];
  for await (const sample of readSamples(opened!, settings, counts)) samples.push(sample);
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

  it("refuses a set without masks, and numbers sets of one name", async () => {
    await expect(samplesOf({ annotations: [] })).rejects.toMatchObject({ code: "dataset-empty" });
    await using folder = await temporaryFolder();
    const path = await writeTestSet(join(folder.path, "mine"), { annotations: [{ box: [1, 1, 4, 4] }] });
    const sets = await openSets([{ path }, { path }, { path, name: "other" }]);
    expect(sets.map(({ name }) => name)).toEqual(["mine", "mine (2)", "other"]);
  });
});
