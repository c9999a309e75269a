/** Values of files that are no numbers never become one: each is refused where it stands. */
import { maskToRuns, runsToRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { parseCocoAnnotation, parseCocoCategory, parseCocoImage } from "./coco/coco.js";
import { type MaskPngs, parseLabelmeShapes } from "./labelme/labelme.js";
import { toPngAnnotation } from "./png/parse-png-table.js";
import { parseSa1bAnnotation, parseSa1bImage } from "./sa1b/sa1b.js";
import { parseClassTable } from "./semantic/semantic.js";
import { parseVocXml } from "./voc/voc-xml.js";
import { parseYoloLabels } from "./yolo/yolo.js";
import { parseYoloYaml } from "./yolo/yolo-yaml.js";

const SIZE = { width: 8, height: 8 };
const NO_PNGS = {} as MaskPngs;

/** What JavaScript takes for a number when it is asked to compute with it. */
const NO_NUMBERS: readonly unknown[] = [true, false, "5", "", " ", "0x10", [], [5], {}];

const mask = runsToRle(maskToRuns({ ...SIZE, data: new Uint8Array(64).fill(1, 0, 8) }));
const image = { id: 1, image_id: 1, ...SIZE, file_name: "a.png" };
const annotation = { id: 1, image_id: 1, category_id: 1, segmentation: mask };

const coco = (fields: object) =>
  parseCocoAnnotation({ ...annotation, ...fields }, { ...SIZE, id: 1, fileName: "a.png" }, "x");
const sa1b = (fields: object) => parseSa1bAnnotation({ ...annotation, ...fields }, SIZE, "x");
const labelme = (shape: object) =>
  parseLabelmeShapes({ shapes: [{ label: "a", ...shape }] }, SIZE, new Map([["a", 1]]), NO_PNGS, "x");
const uncompressed = (counts: unknown[], size: unknown[] = [8, 8]) => ({ segmentation: { size, counts } });

/** Each with a number, which is taken, and the place for others. */
const FIELDS: readonly (readonly [string, number, (value: unknown) => unknown])[] = [
  [
    "LabelMe's polygon",
    5,
    (x) =>
      labelme({
        points: [
          [0, 0],
          [x, 0],
          [5, 5],
        ],
      }),
  ],
  [
    "LabelMe's polygon, y",
    5,
    (y) =>
      labelme({
        points: [
          [0, 0],
          [5, y],
          [5, 5],
        ],
      }),
  ],
  [
    "LabelMe's rectangle",
    5,
    (x) =>
      labelme({
        shape_type: "rectangle",
        points: [
          [0, 0],
          [x, 5],
        ],
      }),
  ],
  [
    "LabelMe's circle",
    5,
    (x) =>
      labelme({
        shape_type: "circle",
        points: [
          [3, 3],
          [x, 3],
        ],
      }),
  ],
  ["COCO's polygon", 5, (x) => coco({ segmentation: [[0, 0, x, 0, 5, 5]] })],
  ["COCO's run lengths", 8, (count) => coco(uncompressed([0, count, 56]))],
  ["COCO's size", 8, (side) => coco(uncompressed([0, 8, 56], [side, 8]))],
  ["COCO's box", 5, (x) => coco({ bbox: [0, 0, x, 5] })],
  ["COCO's area", 5, (area) => coco({ area })],
  ["COCO's id", 5, (id) => coco({ id })],
  ["COCO's category_id", 5, (category_id) => coco({ category_id })],
  ["COCO's score", 5, (predicted_iou) => coco({ predicted_iou })],
  ["COCO's width", 5, (width) => parseCocoImage({ ...image, width }, "x")],
  ["COCO's image id", 5, (id) => parseCocoImage({ ...image, id }, "x")],
  ["COCO's category id", 5, (id) => parseCocoCategory({ id, name: "a" }, "x")],
  ["SA-1B's id", 5, (id) => sa1b({ id })],
  ["SA-1B's points", 5, (x) => sa1b({ point_coords: [[x, 5]] })],
  ["SA-1B's crop", 5, (x) => sa1b({ crop_box: [x, 0, 5, 5] })],
  ["SA-1B's stability", 5, (stability_score) => sa1b({ stability_score })],
  ["SA-1B's height", 5, (height) => parseSa1bImage({ ...image, height }, "x")],
];

describe.each(FIELDS)("%s", (name, number, read) => {
  it("is a number", () => expect(() => read(number)).not.toThrow());

  // Ids and sides are taken as texts too, as some tools write them.
  const noNumbers = / id$|category_id$|width$|height$/.test(name)
    ? NO_NUMBERS.filter((value) => value !== "5")
    : NO_NUMBERS;
  it.each([...noNumbers, Number.NaN, Number.POSITIVE_INFINITY])("is not %j", (value) => {
    expect(() => read(value)).toThrowError(expect.objectContaining({ name: "DatasetError" }));
  });
});

it.each([
  "LabelMe's polygon",
  "LabelMe's circle",
  "COCO's polygon",
  "COCO's box",
  "SA-1B's points",
  "COCO's id",
])("%s is not null, which is no zero", (name) => {
  const [, , read] = FIELDS.find(([field]) => field === name)!;
  expect(() => read(null)).toThrowError(expect.objectContaining({ name: "DatasetError" }));
});

/** Words of text files that `Number` would take, or take for nothing. */
const NO_WORDS = ["0x1", "0b1", "Infinity", "NaN", "true", "null", "one", "1,0"];

describe.each(NO_WORDS)("the word %j", (word) => {
  it("is no class and no coordinate of YOLO", () => {
    const read = (line: string) => () => parseYoloLabels(line, SIZE, 3, "x");
    expect(read("1 0.5 0.5 0.5 0.5")).not.toThrow();
    expect(read(`${word} 0.5 0.5 0.5 0.5`)).toThrowError(/class/);
    expect(read(`1 ${word} 0.5 0.5 0.5`)).toThrowError(/part of the image/);
  });

  it("is no class number of a table, no field of a mask's line, and no corner of VOC's boxes", () => {
    expect(() => parseYoloYaml(`names: {"${word}": cat}`, "x")).toThrowError(/class number/);
    expect(() => parseClassTable(`id,name\n"${word}",cat\n`, "x")).toThrowError(/id of 0/);
    expect(() => toPngAnnotation(mask, { predicted_iou: word }, 1, new Map(), "x")).toThrowError(
      /not a number/,
    );
    const box = `<bndbox><xmin>${word}</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox>`;
    const xml = `<annotation><object><name>a</name>${box}</object></annotation>`;
    expect(() => parseVocXml(xml, "x")).toThrowError(/xmin/);
  });
});

it("an empty field is none of the numbers: not of a class, nor of a colour", () => {
  expect(() => parseYoloYaml('names: {"": cat}', "x")).toThrowError(/class number/);
  expect(() => parseClassTable("id,name\n,cat\n", "x")).toThrowError(/id of 0/);
  const [plain] = parseClassTable("id,name\n1,cat\n", "x");
  expect(parseClassTable("id,name,red,green,blue\n1,cat,,,\n", "x")).toEqual([plain]);
});

it("a flag of VOC that is no number stays what it is", () => {
  const read = (flag: string) =>
    parseVocXml(`<annotation><object><name>a</name><truncated>${flag}</truncated></object></annotation>`, "x")
      .objects[0]!.extra;
  expect(read("1")).toEqual({ truncated: 1 });
  expect(read("yes")).toEqual({ truncated: "yes" });
  expect(read("")).toBeUndefined();
});
