/**
 * For tests: small sets as people have them, and what `segany dataset validate` says of them. Nothing is
 * silent, and nothing ends with a stack.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, it } from "vitest";
import { datasetCommand } from "../commands/dataset.js";
import { runHere } from "./run-here.js";

type Content = string | Uint8Array;

/** Files of a set by name; what is promised is awaited. */
type Files = Readonly<Record<string, Content | Promise<Content>>>;

interface Case {
  readonly files: Files;
  /** A path in the set, where the set is a file. */
  readonly path?: string;
  readonly args?: readonly string[];
}

/** A set, the exit status and phrases of what is said. */
export type Row = readonly [what: string, made: Case, status: number, ...phrases: string[]];

export const SOUND = "no problems";

export const grey = (width = 40, height = 30): Promise<Content> =>
  sharp({ create: { width, height, channels: 3, background: "#808080" } })
    .png()
    .toBuffer();

/** A grey PNG of 40 x 30 with these values in rows of 40. */
export const greyMask = (
  value: (x: number, y: number) => number,
  width = 40,
  height = 30,
): Promise<Content> =>
  sharp(
    Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
    {
      raw: { width, height, channels: 1 },
    },
  )
    .toColourspace("b-w")
    .png()
    .toBuffer();

export const square = [4, 4, 24, 4, 24, 14, 4, 14];
export const image = { id: 1, file_name: "a.png", width: 40, height: 30 };
export const mark = (fields: object = {}): object => ({
  id: 1,
  image_id: 1,
  category_id: 1,
  iscrowd: 0,
  segmentation: [square],
  ...fields,
});

export function cocoText(annotations: readonly object[], others: object = {}): string {
  return JSON.stringify({ images: [image], categories: [{ id: 1, name: "cat" }], annotations, ...others });
}

export const coco = (annotations: readonly object[], others: object = {}): Case => ({
  files: { "annotations.json": cocoText(annotations, others), "images/a.png": grey() },
});
export const cocoOf = (text: Content, files: Files = { "images/a.png": grey() }): Case => ({
  files: { "annotations.json": text, ...files },
});

export const box = "0 0.5 0.5 0.8 0.4";
export const yolo = (labels: string, others: Files = {}): Case => ({
  files: { "data.yaml": "names: [cat]\n", "images/a.png": grey(), "labels/a.txt": labels, ...others },
});

export const labelme = (shapes: readonly object[], others: Files = { "a.png": grey() }): Case => ({
  files: {
    "a.json": JSON.stringify({ imagePath: "a.png", imageWidth: 40, imageHeight: 30, shapes }),
    ...others,
  },
});
export const shape = (shape_type: string, ...points: number[][]): object => ({
  label: "cat",
  shape_type,
  points,
});
export const corners = [
  [4, 4],
  [24, 4],
  [24, 14],
  [4, 14],
];

export const voc = (objects: string, others: Files = {}): Case => ({
  files: {
    "Annotations/a.xml": `<annotation><filename>a.png</filename><size><width>40</width><height>30</height><depth>3</depth></size>${objects}</annotation>`,
    "JPEGImages/a.png": grey(),
    ...others,
  },
});
export const bndbox =
  "<object><name>cat</name><bndbox><xmin>4</xmin><ymin>4</ymin><xmax>24</xmax><ymax>14</ymax></bndbox></object>";

export const cvat = (content: string): Case => ({
  files: {
    "annotations.xml": `<annotations><version>1.1</version><meta><task><labels><label><name>cat</name></label></labels></task></meta>${content}</annotations>`,
    "images/a.png": grey(),
  },
});
export const cvatImage = (content: string): string =>
  `<image id="0" name="a.png" width="40" height="30">${content}</image>`;

export const sa1b = (fields: object = {}): string =>
  JSON.stringify({
    image: { image_id: 1, file_name: "a.png", width: 40, height: 30 },
    annotations: [
      {
        id: 1,
        segmentation: { size: [30, 40], counts: [0, 1, 1199] },
        area: 1,
        bbox: [0, 0, 1, 1],
        ...fields,
      },
    ],
  });

export const gb18030 = (text: string): Buffer => Buffer.from(text.replaceAll("cat", "\xb9\xb7"), "latin1");

/** Makes a test of each row. */
export function testRows(rows: readonly Row[]): void {
  const root = mkdtempSync(join(tmpdir(), "segany-validate-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  it.each(rows.map(([what, ...row], i) => ({ what, row, i })))("$what", async ({ row, i }) => {
    const [set, status, ...phrases] = row;
    const path = await lay(join(root, `${i}`), set);
    const found = await runHere(datasetCommand(), ["dataset", "validate", path, ...(set.args ?? [])]);
    const text = found.stdout + found.stderr;
    for (const phrase of phrases) expect(text).toContain(phrase);
    expect(found.status, text).toBe(status);
    expect(text).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(text.includes(SOUND)).toBe(status === 0);
  });
}

async function lay(folder: string, { files, path }: Case): Promise<string> {
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), await content);
  }
  return path === undefined ? folder : join(folder, path);
}
