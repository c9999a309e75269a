import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import type { Annotation, Dataset, DatasetRecord } from "../record.js";
import { drawMask, makeAnnotation } from "../testing/make-records.js";
import { filterDataset } from "./filter.js";
import { mergeDatasets } from "./merge.js";
import { createRandom } from "./random.js";
import { relabelIds } from "./relabel-ids.js";
import { remapCategories } from "./remap-categories.js";
import { sampleDataset } from "./sample.js";
import { splitDataset } from "./split.js";

const small = drawMask("#...", "....", "....", "....");
const large = drawMask("####", "####", "....", "....");
const categories = [
  { id: 2, name: "cat" },
  { id: 4, name: "dog" },
  { id: 9, name: "bird" },
];

function record(id: number, annotations: readonly Annotation[], fileName = `${id}.png`): DatasetRecord {
  return { image: { id, fileName, width: 4, height: 4 }, annotations };
}

function plainSet(count: number, name = "plain"): Dataset {
  const records = Array.from({ length: count }, (_, i) =>
    record(i + 1, [makeAnnotation(small, { id: i + 1, categoryId: 2 })]),
  );
  return datasetFromRecords(records, { name, categories });
}

/** As sets are whose number of images nobody knows before the end. */
function uncounted({ imageCount: _, ...dataset }: Dataset): Dataset {
  return dataset;
}

async function all(dataset: Dataset): Promise<DatasetRecord[]> {
  const records = [];
  for await (const entry of dataset.records()) records.push(entry);
  return records;
}

async function imageIds(dataset: Dataset): Promise<number[]> {
  return (await all(dataset)).map(({ image }) => image.id);
}

describe("splitting", () => {
  it("gives every image to one part, in the asked proportions", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.integer(),
        fc.boolean(),
        async (count, seed, stratify) => {
          const parts = await splitDataset(plainSet(count), {
            ratios: { train: 7, val: 2, test: 1 },
            seed,
            stratify,
          });
          const ids = await Promise.all([...parts.values()].map(imageIds));
          expect(ids.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
          expect([...parts.values()].map(({ imageCount }) => imageCount)).toEqual(
            ids.map((part) => part.length),
          );
          for (const [i, share] of [0.7, 0.2, 0.1].entries())
            expect(Math.abs(ids[i]!.length - share * count)).toBeLessThan(1);
        },
      ),
    );
  });

  it("keeps groups together, and gives parts their shares but for the largest group", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
        fc.integer(),
        fc.boolean(),
        async (groups, seed, stratify) => {
          const groupOf = ({ image }: DatasetRecord) => {
            const group = groups[image.id - 1]!;
            return group === 0 ? undefined : `group ${group}`; // 0: on their own
          };
          const ratios = { train: 0.8, val: 0.2 };
          const parts = await splitDataset(plainSet(groups.length), { ratios, seed, stratify, groupOf });
          const records = await Promise.all([...parts.values()].map(all));
          expect(records.flat()).toHaveLength(groups.length);
          const names = records.map(
            (part) => new Set(part.map(groupOf).filter((name) => name !== undefined)),
          );
          expect([...names[0]!].filter((name) => names[1]!.has(name))).toEqual([]);
          const sizes = groups.map((group) => groups.filter((other) => other === group && group > 0).length);
          const largest = Math.max(1, ...sizes);
          for (const [i, share] of Object.values(ratios).entries())
            expect(Math.abs(records[i]!.length - share * groups.length)).toBeLessThan(largest + 1e-6);
        },
      ),
    );
  });

  it("depends on the seed alone, not on whether the number of images is known", async () => {
    const split = async (dataset: Dataset, seed: number) => {
      const parts = await splitDataset(dataset, { ratios: { a: 1, b: 1 }, seed });
      return imageIds(parts.get("a")!);
    };
    expect(await split(plainSet(40), 3)).toEqual(await split(uncounted(plainSet(40)), 3));
    expect(await split(plainSet(40), 3)).not.toEqual(await split(plainSet(40), 4));
  });

  it("when stratified, gives each part its share of a rare class", async () => {
    const records = Array.from({ length: 100 }, (_, i) => {
      const common = makeAnnotation(small, { categoryId: 2 });
      return record(i + 1, i % 10 === 0 ? [common, makeAnnotation(large, { categoryId: 9 })] : [common]);
    });
    const dataset = datasetFromRecords(records, { categories });
    for (let seed = 0; seed < 5; seed++) {
      const parts = await splitDataset(dataset, { ratios: { train: 0.8, val: 0.2 }, seed, stratify: true });
      const rare = (await all(parts.get("val")!)).filter(({ annotations }) => annotations.length === 2);
      expect(rare).toHaveLength(2);
    }
  });

  it("refuses shares that are none", async () => {
    for (const ratios of [{ a: 1 }, { a: 0, b: 0 }, { a: -1, b: 2 }, { a: Number.NaN, b: 1 }])
      await expect(splitDataset(plainSet(3), { ratios })).rejects.toMatchObject({ code: "option-invalid" });
  });
});

describe("sampling", () => {
  it("chooses so many different images in their order, the same for the same seed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer(),
        async (count, images, seed) => {
          const ids = await imageIds(await sampleDataset(plainSet(images), { count, seed }));
          expect(ids).toHaveLength(Math.min(count, images));
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
          expect(await imageIds(await sampleDataset(uncounted(plainSet(images)), { count, seed }))).toEqual(
            ids,
          );
        },
      ),
    );
  });

  it("chooses each image about as often", async () => {
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 1000; seed++) {
      for (const id of await imageIds(await sampleDataset(plainSet(10), { count: 3, seed })))
        counts[id - 1]! += 1;
    }
    // 300 expected, standard deviation 14.5.
    for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(75);
  });
});

it("random numbers fill their range evenly", () => {
  const random = createRandom(12345);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.below(7)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

describe("filtering", () => {
  const dataset = datasetFromRecords(
    [
      record(1, [
        makeAnnotation(small, { id: 1, categoryId: 2, predictedIou: 0.9, annotator: 7 }),
        makeAnnotation(large, { id: 2, categoryId: 4, predictedIou: 0.5, isCrowd: true }),
        makeAnnotation(large, { id: 3 }),
      ]),
      record(2, [], "train/b.jpg"),
    ],
    { categories },
  );
  const kept = async (options: Parameters<typeof filterDataset>[1]) =>
    (await all(filterDataset(dataset, options))).map(({ annotations }) => annotations.map(({ id }) => id));

  it("keeps masks for which all holds, and images however few masks they have", async () => {
    expect(await kept({})).toEqual([[1, 2, 3], []]);
    expect(await kept({ categories: ["cat"] })).toEqual([[1], []]);
    expect(await kept({ dropCategories: ["cat"] })).toEqual([[2, 3], []]);
    expect(await kept({ annotators: ["7", "ann"] })).toEqual([[1], []]);
    expect(await kept({ minAreaPx: 8 })).toEqual([[2, 3], []]);
    // sqrt(1 / 16) = 0.25 and sqrt(8 / 16) = 0.707
    expect(await kept({ minRelativeSize: 0.25, maxRelativeSize: 0.7 })).toEqual([[1], []]);
    expect(await kept({ minPredictedIou: 0.5 })).toEqual([[1, 2], []]);
    expect(await kept({ minPredictedIou: 0.5, dropCrowds: true })).toEqual([[1], []]);
  });

  it("drops images by their masks, sides and names", async () => {
    expect(await kept({ minMasks: 1 })).toEqual([[1, 2, 3]]);
    expect(await kept({ maxMasks: 0 })).toEqual([[]]);
    expect(await kept({ minSidePx: 5 })).toEqual([]);
    expect(await kept({ fileName: "train/*.jpg" })).toEqual([[]]);
    expect(await kept({ fileName: "1.p" })).toEqual([[1, 2, 3]]);
    expect(await kept({ fileName: "*.p" })).toEqual([]);
  });

  it("names a class that isn't there", () => {
    expect(() => filterDataset(dataset, { minAreaPx: 9, maxAreaPx: 3 })).toThrow("nothing is between them");
    expect(() => filterDataset(dataset, { minMasks: 4, maxMasks: 4 })).not.toThrow();
    expect(() => filterDataset(dataset, { categories: ["cow"] })).toThrow(
      /no class "cow"; classes are cat, dog, bird/,
    );
  });
});

it("merging joins classes by name and numbers everything anew", async () => {
  const first = datasetFromRecords([record(7, [makeAnnotation(small, { id: 5, categoryId: 2 })])], {
    name: "a set",
    categories,
  });
  const second = datasetFromRecords(
    [
      record(7, [
        makeAnnotation(large, { id: 5, categoryId: 1 }),
        makeAnnotation(small, { id: 6, categoryId: 8 }),
      ]),
    ],
    {
      name: "a/set",
      categories: [
        { id: 1, name: "bird" },
        { id: 8, name: "cow" },
      ],
    },
  );
  const merged = mergeDatasets([first, second]);
  expect(merged.categories.map(({ id, name }) => [id, name])).toEqual([
    [1, "cat"],
    [2, "dog"],
    [3, "bird"],
    [4, "cow"],
  ]);
  expect(merged).toMatchObject({ imageCount: 2, annotationCount: 3 });
  const records = await all(merged);
  expect(records.map(({ image }) => [image.id, image.fileName])).toEqual([
    [1, "a_set/7.png"],
    [2, "a_set-2/7.png"],
  ]);
  expect(
    records.flatMap(({ annotations }) => annotations.map(({ id, categoryId }) => [id, categoryId])),
  ).toEqual([
    [1, 1],
    [2, 3],
    [3, 4],
  ]);
});

it("remapping renames, joins and drops classes wherever a record names them", async () => {
  const image = { id: 1, fileName: "a.png", width: 4, height: 4, negCategoryIds: [4, 9] };
  const annotations = [2, 4, 9, undefined].map((categoryId, i) =>
    makeAnnotation(small, { id: i + 1, ...(categoryId !== undefined && { categoryId }) }),
  );
  const dataset = datasetFromRecords([{ image, annotations }], { categories });
  const remapped = remapCategories(dataset, { names: { dog: "cat", bird: null } });
  expect(remapped.categories).toEqual([{ id: 2, name: "cat" }]);
  const [only] = await all(remapped);
  expect(only!.annotations.map(({ id, categoryId }) => [id, categoryId])).toEqual([
    [1, 2],
    [2, 2],
    [4, undefined],
  ]);
  expect(only!.image.negCategoryIds).toEqual([2]);
  expect(remapCategories(dataset, { names: { dog: "hound" }, others: "drop" }).categories).toEqual([
    { id: 4, name: "hound" },
  ]);
});

it("relabelling numbers images, masks and classes without gaps, the same in each pass", async () => {
  const dataset = datasetFromRecords(
    [
      record(50, [
        makeAnnotation(small, { id: 7, categoryId: 9 }),
        makeAnnotation(large, { id: 7, categoryId: 2 }),
      ]),
      record(20, [makeAnnotation(small, { id: 7, categoryId: 4 })]),
    ],
    { categories },
  );
  const relabelled = relabelIds(dataset, { firstAnnotationId: 100 });
  for (const pass of [await all(relabelled), await all(relabelled)]) {
    expect(
      pass.map(({ image, annotations }) => [
        image.id,
        annotations.map(({ id, categoryId }) => [id, categoryId]),
      ]),
    ).toEqual([
      [
        1,
        [
          [100, 3],
          [101, 1],
        ],
      ],
      [2, [[102, 2]]],
    ]);
  }
});
