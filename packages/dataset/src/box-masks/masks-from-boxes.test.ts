import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { boxToRle, cocoBox, type ExclusiveBoxXyxy, type RgbaImage } from "@segany/masks";
import { expect, it } from "vitest";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import { newAnnotation, newBox } from "../formats/new-annotation.js";
import type { Annotation, DatasetRecord } from "../record.js";
import { makePng } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { openBoxJournal } from "./box-journal.js";
import { type BoxOutcome, type MasksFromBoxesOptions, masksFromBoxes } from "./masks-from-boxes.js";
import type { BoxPredictor } from "./predict-masks.js";

const size = { width: 64, height: 48 };

/** A model whose masks are the boxes without their outer columns and rows. */
function createModel() {
  const images: RgbaImage[] = [];
  const batches: ExclusiveBoxXyxy[][] = [];
  const predictor: BoxPredictor = {
    setImage: async (image) => void images.push(image),
    async predictBatch(prompts, { multimaskOutput, outputMode }) {
      expect({ multimaskOutput, outputMode }).toEqual({ multimaskOutput: false, outputMode: "coco_rle" });
      batches.push(prompts.map(({ box }) => box));
      return prompts.map(({ box: [x0, y0, x1, y1] }, i) => ({
        masks: [
          boxToRle(cocoBox([x0 + 1, y0 + 1, Math.max(0, x1 - x0 - 2), Math.max(0, y1 - y0 - 2)]), size),
        ],
        iouPredictions: [0.5 + i / 1000],
      }));
    },
  };
  return { images, batches, predictor };
}

const png = makePng(size.width, size.height);

async function recordOf(annotations: readonly Annotation[], given = {}): Promise<DatasetRecord> {
  return { image: { id: 1, fileName: "a.png", ...size, open: () => png, ...given }, annotations };
}

async function recordsOf(pass: AsyncIterable<DatasetRecord>): Promise<DatasetRecord[]> {
  const records: DatasetRecord[] = [];
  for await (const record of pass) records.push(record);
  return records;
}

async function run(record: DatasetRecord, options: MasksFromBoxesOptions = {}, isStrict = false) {
  const model = createModel();
  const outcomes: BoxOutcome[] = [];
  const problems: string[] = [];
  const dataset = masksFromBoxes(datasetFromRecords([record]), model.predictor, {
    ...options,
    onImage: (outcome) => outcomes.push(outcome),
  });
  const onProblem = isStrict ? undefined : ({ message }: Error) => void problems.push(message);
  const [made] = await recordsOf(dataset.records({ onProblem }));
  return { ...model, outcome: outcomes[0]!, problems, annotations: made!.annotations };
}

it("gives boxes masks with their tight boxes, areas and scores, and keeps all else", async () => {
  const mask = newAnnotation(1, boxToRle([2, 2, 5, 5], size), { bboxXywh: [1, 1, 9, 9], predictedIou: 0.25 });
  const box = newBox(2, [10, 8, 20, 12], { categoryId: 3, extra: { note: "seen" } });
  const crowd = newBox(3, [0, 0, 60, 40], { isCrowd: true });
  const { annotations, outcome, images } = await run(await recordOf([mask, box, crowd]));
  expect(annotations).toEqual([
    mask,
    {
      ...box,
      segmentation: boxToRle([11, 9, 18, 10], size),
      bboxXywh: [11, 9, 18, 10],
      area: 180,
      predictedIou: 0.5,
    },
    crowd,
  ]);
  expect(outcome).toMatchObject({ masks: 1, masksBefore: 1, crowds: 1, impossibleBoxes: 0, emptyMasks: 0 });
  expect(images).toMatchObject([size]);
});

it("encodes an image once, however many batches its boxes make, and not without boxes", async () => {
  const boxes = Array.from({ length: 150 }, (_, i) => newBox(i + 1, [i % 30, i % 20, 8, 8]));
  const { batches, images, outcome } = await run(await recordOf(boxes));
  expect(images).toHaveLength(1);
  expect(batches.map(({ length }) => length)).toEqual([64, 64, 22]);
  expect(outcome.masks).toBe(150);
  const none = await run(await recordOf([newAnnotation(1, boxToRle([2, 2, 5, 5], size))]));
  expect(none.images).toEqual([]);
});

it("cuts boxes at the edges of the image, and sets aside those that can't be", async () => {
  const boxes: Annotation["bboxXywh"][] = [
    [-40, 10, 60, 20],
    [5, 5, 0, 9],
    [5, 5, 9, -2],
    [64, 5, 9, 9],
    [-20, 5, 20, 9],
    [Number.NaN, 5, 9, 9],
    [5, 5, Number.POSITIVE_INFINITY, Number.NaN],
    [50, 40, 1e9, 1e9],
  ];
  const record = await recordOf(boxes.map((box, i) => newBox(i + 1, box)));
  const { batches, annotations, outcome, problems } = await run(record);
  expect(batches).toEqual([
    [
      [0, 10, 20, 30],
      [50, 40, 64, 48],
    ],
  ]);
  expect(annotations.map(({ id }) => id)).toEqual([1, 8]);
  expect(outcome).toMatchObject({ masks: 2, impossibleBoxes: 6 });
  expect(problems).toHaveLength(6);
  expect(problems[0]).toBe(
    'The image "a.png", annotation 2: the box [5, 5, 0, 9] has no part of the image, which is 64 x 48 pixels.',
  );
  await expect(run(record, {}, true)).rejects.toMatchObject({ code: "annotation-invalid" });
});

it("leaves a box where the model finds nothing", async () => {
  const box = newBox(1, [10, 10, 2, 2]);
  const { annotations, outcome } = await run(await recordOf([box]));
  expect(annotations).toEqual([box]);
  expect(outcome).toMatchObject({ masks: 0, emptyMasks: 1 });
});

it.each([
  ["missing", { open: undefined }, "image-missing", /has no file/],
  ["damaged", { open: async () => new Uint8Array(9) }, "file-unreadable", /a\.png/],
  ["of another size", { width: 60 }, "dataset-invalid", /64 x 48 pixels, but the data set says 60 x 48/],
] as const)("leaves the boxes of an image that is %s, and names it", async (_, given, code, message) => {
  const box = newBox(1, [10, 8, 20, 12]);
  const record = await recordOf([box], given);
  const { annotations, outcome, problems, batches } = await run(record);
  expect(annotations).toEqual([box]);
  expect(outcome).toMatchObject({ masks: 0, boxesWithoutImage: 1 });
  expect(problems).toEqual([expect.stringMatching(message)]);
  expect(batches).toEqual([]);
  await expect(run(record, {}, true)).rejects.toMatchObject({ code });
});

it("ends with an error of the model, whoever takes problems", async () => {
  const broken = new Error("the device is gone");
  const predictor = { ...createModel().predictor, setImage: () => Promise.reject(broken) };
  const dataset = datasetFromRecords([await recordOf([newBox(1, [1, 1, 9, 9])])]);
  await expect(
    recordsOf(masksFromBoxes(dataset, predictor).records({ onProblem: () => undefined })),
  ).rejects.toBe(broken);
});

it("takes masks from the journal only for the same image, boxes and model", async () => {
  const output = await makeTemporaryFolder();
  const record = await recordOf([newBox(1, [10, 8, 20, 12]), newBox(2, [1, 1, 9, 9])]);
  const journal = openBoxJournal(output, "model a");
  const first = await run(record, { journal });
  expect(first.outcome.fromJournal).toBe(false);
  const again = await run(record, { journal });
  expect(again.annotations).toEqual(first.annotations);
  expect([again.outcome.fromJournal, again.batches]).toEqual([true, []]);
  const others = [
    run(record, { journal: openBoxJournal(output, "model b") }),
    run(record, { journal, intensity: "full" }),
    run(await recordOf([newBox(1, [10, 8, 20, 13]), newBox(2, [1, 1, 9, 9])]), { journal }),
    run(await recordOf(record.annotations, { open: async () => Uint8Array.of(...(await png), 0) }), {
      journal,
    }),
  ];
  for (const other of others) expect((await other).batches).toHaveLength(1);
  await journal.remove();
  expect(readdirSync(output)).toEqual([]);
});

it.each([
  ["cut off", (text: string) => text.slice(0, -9)],
  ["of fewer boxes", () => "[]"],
  ["of a mask of another size", (text: string) => text.replace(/\[\["[^"]+"/, '[["P1"')],
  ["without scores", (text: string) => text.replaceAll("0.5", "null")],
  ["nothing at all", () => "null"],
])("makes masks again where an entry of the journal is %s", async (_, damage) => {
  const output = await makeTemporaryFolder();
  const record = await recordOf([newBox(1, [10, 8, 20, 12])]);
  const journal = openBoxJournal(output, "model");
  const { annotations } = await run(record, { journal });
  const [name] = readdirSync(join(output, ".segany-boxes"));
  const entry = join(output, ".segany-boxes", name!);
  writeFileSync(entry, damage(readFileSync(entry, "utf8")));
  const again = await run(record, { journal });
  expect(again.outcome.fromJournal).toBe(false);
  expect(again.annotations).toEqual(annotations);
});
