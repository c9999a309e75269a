import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { boxOfRuns, encodeRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { makePng } from "../../../dataset/src/testing/make-records.js";
import { makeTemporaryFolder } from "../../../dataset/src/testing/temporary-folder.js";
import { openTrainingSet } from "./open-training-set.js";
import { describeDataProblems } from "./problems.js";
import { readTrainingImage } from "./training-sample.js";

/** Pixels x0 to x1 and y0 to y1, the last ones not included, of an image of 20 x 10 pixels. */
function block(x0: number, y0: number, x1: number, y1: number, width = 20, height = 10) {
  const data = new Uint8Array(width * height);
  for (let y = y0; y < y1; y++) data.fill(1, y * width + x0, y * width + x1);
  return encodeRle({ width, height, data });
}

interface SetToWrite {
  /** File names with the sizes that the set states. */
  readonly images: Readonly<Record<string, readonly [width: number, height: number]>>;
  /** By the image's place in `images`. */
  readonly annotations: readonly (readonly [image: number, fields: object])[];
  readonly categories?: readonly object[];
  /** Image files, where they are not of the size stated; undefined for none. */
  readonly files?: Readonly<Record<string, Uint8Array | undefined>>;
}

/** Writes a COCO set; annotations are numbered from 1. */
async function writeSet({ images, annotations, categories = [], files = {} }: SetToWrite): Promise<string> {
  const folder = await makeTemporaryFolder();
  await mkdir(join(folder, "images"));
  for (const [name, [width, height]] of Object.entries(images)) {
    const bytes = name in files ? files[name] : await makePng(width, height);
    if (bytes) await writeFile(join(folder, "images", name), bytes);
  }
  const json = {
    images: Object.entries(images).map(([file_name, [width, height]], i) => {
      return { id: i + 1, file_name, width, height };
    }),
    annotations: annotations.map(([image, fields], i) => {
      return { id: i + 1, image_id: image + 1, iscrowd: 0, area: 1, bbox: [0, 0, 1, 1], ...fields };
    }),
    categories,
  };
  await writeFile(join(folder, "annotations.json"), JSON.stringify(json));
  return folder;
}

const mask = (...corners: Parameters<typeof block>) => ({ segmentation: block(...corners) });
const SMALL = [20, 10] as const;

describe("a set to train on", () => {
  it("has images by file names in order, with masks, classes and pixels", async () => {
    const categories = [
      { id: 4, name: "pear" },
      { id: 7, name: "mug" },
    ];
    const data = await writeSet({
      images: { "b10.png": SMALL, "b9.png": SMALL, "B.png": SMALL },
      annotations: [
        [0, { ...mask(1, 2, 4, 5), category_id: 4 }],
        [1, { ...mask(0, 0, 10, 10), category_id: 7 }],
        [0, { ...mask(5, 5, 7, 7), category_id: 7 }],
        [2, { ...mask(0, 0, 2, 2), category_id: 4 }],
      ],
      categories,
    });
    const set = await openTrainingSet({ data });
    expect(set.samples.map(({ fileName }) => fileName)).toEqual(["B.png", "b10.png", "b9.png"]);
    expect(set.maskCount).toBe(4);
    expect([set.problems, set.problemCounts]).toEqual([[], {}]);
    const [, sample] = set.samples;
    expect(sample!.size).toEqual({ width: 20, height: 10 });
    expect(sample!.masks.map(({ id, categoryId, className }) => [id, categoryId, className])).toEqual([
      [1, 4, "pear"],
      [3, 7, "mug"],
    ]);
    expect(boxOfRuns(sample!.masks[0]!.runs())).toEqual([1, 2, 3, 3]);
    const image = await readTrainingImage(sample!);
    expect([image.width, image.height, image.data.length]).toEqual([20, 10, 800]);
  });

  it("does without what can't be trained on, and names it", async () => {
    const data = await writeSet({
      images: { "a.png": SMALL, "gone.png": SMALL, "other.png": SMALL, "text.png": SMALL, "z.png": SMALL },
      annotations: [
        [0, mask(0, 0, 5, 5)],
        [0, mask(0, 0, 0, 0)],
        [0, mask(0, 0, 20, 9)],
        [0, mask(0, 0, 19, 10)],
        [0, { segmentation: [], bbox: [1, 1, 4, 4], area: 16 }],
        [0, { segmentation: { size: [10, 20], counts: [0, 50, 150] }, iscrowd: 1 }],
        [0, { segmentation: block(0, 0, 3, 3, 10, 10) }],
        [1, mask(0, 0, 5, 5)],
        [2, mask(0, 0, 5, 5)],
        [3, mask(0, 0, 5, 5)],
      ],
      files: {
        "gone.png": undefined,
        "other.png": await makePng(10, 20),
        "text.png": new TextEncoder().encode("no image"),
      },
    });
    const { samples, problems, problemCounts } = await openTrainingSet({ data });
    expect(samples.map(({ fileName, masks }) => [fileName, masks.map(({ id }) => id)])).toEqual([
      ["a.png", [1, 3]], // 90 % isn't more than 90 %
    ]);
    const found = problems.map(({ kind, fileName, annotationId }) => [kind, fileName, annotationId]);
    const named = found.filter(([kind]) => kind !== "record-invalid");
    expect(named.sort()).toEqual([
      ["box-without-mask", "a.png", 5],
      ["crowd", "a.png", 6],
      ["image-missing", "gone.png", undefined],
      ["image-size", "other.png", undefined],
      ["image-unreadable", "text.png", undefined],
      ["image-without-mask", "z.png", undefined],
      ["mask-empty", "a.png", 2],
      ["mask-too-large", "a.png", 4],
    ]);
    const invalid = problems.filter(({ kind }) => kind === "record-invalid");
    expect(invalid).toHaveLength(1);
    expect(invalid[0]!.message).toContain("10");
    expect(Object.values(problemCounts).every((count) => count === 1)).toBe(true);
    for (const { fileName, annotationId, message } of problems) {
      if (fileName) expect(message).toContain(fileName);
      if (annotationId) expect(message).toContain(`nnotation ${annotationId} of`);
    }
    expect(problems.find(({ kind }) => kind === "image-size")!.message).toMatch(/10 x 20 .* 20 x 10/);
    expect(problems.find(({ kind }) => kind === "mask-too-large")!.message).toContain("95 %");
  });

  it("has no masks that its model can't see", async () => {
    // Of 1024 x 1024, each cell of SAM's 256 x 256 shows pixel (2, 2) of its 4 x 4.
    const data = await writeSet({
      images: { "a.png": [1024, 1024] },
      annotations: [
        [0, mask(7, 7, 10, 10, 1024, 1024)],
        [0, mask(10, 10, 11, 11, 1024, 1024)],
        [0, mask(7, 7, 500, 10, 1024, 1024)],
      ],
    });
    const model = { imageSide: 1024, maskSide: 256, fit: "pad" } as const;
    const { samples, problems } = await openTrainingSet({ data, model });
    expect(samples[0]!.masks.map(({ id }) => id)).toEqual([2]);
    expect(problems.map(({ kind, annotationId }) => [kind, annotationId])).toEqual([
      ["mask-too-small", 1],
      ["mask-too-small", 3],
    ]);
    expect((await openTrainingSet({ data })).maskCount).toBe(3);
  });

  it("tells of classes with a single mask, and uses them", async () => {
    const data = await writeSet({
      images: { "a.png": SMALL },
      annotations: [
        [0, { ...mask(0, 0, 5, 5), category_id: 1 }],
        [0, { ...mask(5, 5, 9, 9), category_id: 1 }],
        [0, { ...mask(0, 6, 3, 9), category_id: 2 }],
      ],
      categories: [
        { id: 1, name: "cell" },
        { id: 2, name: "crack" },
      ],
    });
    const { maskCount, problems } = await openTrainingSet({ data });
    expect(maskCount).toBe(3);
    expect(problems).toEqual([
      {
        kind: "class-with-one-mask",
        fileName: "a.png",
        annotationId: 3,
        message: expect.stringContaining('"crack"'),
      },
    ]);
  });

  it("has sizes and masks of images as they are seen", async () => {
    // 23 x 17 pixels as stored, the size that the set has, and a mask at their left edge.
    const bytes = await readFile(new URL("../../../../fixtures/pillow/exif6.jpg", import.meta.url));
    const data = await writeSet({
      images: { "a.jpg": [23, 17] },
      annotations: [[0, mask(0, 0, 1, 17, 23, 17)]],
      files: { "a.jpg": bytes },
    });
    const { samples } = await openTrainingSet({ data });
    const seen = { width: 17, height: 23 };
    expect(samples[0]!.size).toEqual(seen);
    // A quarter turn brings the left edge to the top.
    expect(boxOfRuns(samples[0]!.masks[0]!.runs())).toEqual([0, 0, 17, 1]);
    expect(await readTrainingImage(samples[0]!)).toMatchObject(seen);
  });
});

describe("a set with nothing to train on", () => {
  it.each<[string, SetToWrite, RegExp]>([
    ["no images", { images: {}, annotations: [] }, /no images/],
    ["backgrounds alone", { images: { "a.png": SMALL }, annotations: [] }, /a\.png has no mask/],
    [
      "boxes alone",
      { images: { "a.png": SMALL }, annotations: [[0, { bbox: [1, 1, 5, 5], area: 25 }]] },
      /1 x boxes without a mask.*segany dataset masks-from-boxes/,
    ],
    [
      "no image files",
      {
        images: { "a.png": SMALL },
        annotations: [[0, mask(0, 0, 5, 5)]],
        files: { "a.png": undefined },
      },
      /1 x images whose file is missing.*Name the folder/,
    ],
  ])("is refused: %s", async (_, set, message) => {
    await expect(openTrainingSet({ data: await writeSet(set) })).rejects.toMatchObject({
      code: "data-empty",
      message: expect.stringMatching(message),
    });
  });

  it("stops when it is cancelled", async () => {
    const data = await writeSet({ images: { "a.png": SMALL }, annotations: [[0, mask(0, 0, 5, 5)]] });
    const signal = AbortSignal.abort();
    await expect(openTrainingSet({ data, signal })).rejects.toMatchObject({ code: "aborted" });
  });
});

it("takes images from another folder, and refuses one that has changed meanwhile", async () => {
  const data = await writeSet({
    images: { "a.png": SMALL },
    annotations: [[0, mask(0, 0, 5, 5)]],
    files: { "a.png": undefined },
  });
  const imageFolder = await makeTemporaryFolder();
  await writeFile(join(imageFolder, "a.png"), await makePng(20, 10));
  const { samples } = await openTrainingSet({ data, imageFolder });
  await writeFile(join(imageFolder, "a.png"), await makePng(21, 10));
  await expect(readTrainingImage(samples[0]!)).rejects.toMatchObject({ code: "data-changed" });
});

it("describes problems, most frequent first", () => {
  expect(describeDataProblems({ crowd: 2, "mask-empty": 3 })).toEqual([
    "3 x masks without a pixel",
    "2 x regions of crowds",
  ]);
});
