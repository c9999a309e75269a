/** JSON of annotation tools with a hostile value in any place: what is said of it is in our words. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { boxToRle } from "@segany/masks";
import { encode } from "fast-png";
import { expect, it } from "vitest";
import { openDataset } from "../convert/open-dataset.js";
import { DatasetError } from "../errors.js";
import { hostileJson, pathsOf, withJson } from "../testing/hostile-values.js";
import { makePng } from "../testing/make-records.js";
import { lay } from "../testing/mask-sets.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";

const size = { width: 8, height: 6 };
const png = encode({ width: 2, height: 2, channels: 1, data: Uint8Array.of(255, 0, 255, 255) });
const ring = [
  [1, 1],
  [5, 1],
  [5, 4],
];

/** A file of each format, with others that it needs. */
const files: readonly (readonly [
  format: string,
  name: string,
  value: object,
  others?: Record<string, string>,
])[] = [
  [
    "supervisely",
    "ds/ann/a.png.json",
    {
      size,
      tags: [],
      objects: [
        {
          classTitle: "cat",
          geometryType: "bitmap",
          labelerLogin: "ann",
          tags: [{ name: "x" }],
          bitmap: { data: deflateSync(png).toString("base64"), origin: [1, 1] },
        },
        { classTitle: "cat", geometryType: "polygon", points: { exterior: ring, interior: [ring] } },
        {
          classTitle: "cat",
          geometryType: "rectangle",
          points: { exterior: ring.slice(0, 2), interior: [] },
        },
      ],
    },
  ],
  [
    "supervisely",
    "meta.json",
    { classes: [{ title: "cat", shape: "any" }], tags: [] },
    { "ds/ann/a.png.json": JSON.stringify({ size, objects: [] }) },
  ],
  [
    "fiftyone",
    "samples.json",
    {
      samples: [
        {
          filepath: "data/a.png",
          metadata: size,
          ground_truth: {
            _cls: "Detections",
            detections: [
              {
                label: "cat",
                bounding_box: [0.25, 0.5, 0.25, 0.5],
                mask: null,
                mask_path: "m.png",
                score: 1,
              },
            ],
          },
          map: { _cls: "Segmentation", mask: { $binary: { base64: "eJw=", subType: "00" } } },
          lines: { _cls: "Polylines", polylines: [{ points: [ring], closed: true, label: "lane" }] },
        },
      ],
    },
  ],
  [
    "fiftyone",
    "labels.json",
    { classes: ["cat"], labels: { a: [{ label: 0, bounding_box: [0.25, 0.5, 0.25, 0.5], confidence: 1 }] } },
  ],
  [
    "fiftyone",
    "metadata.json",
    {
      default_classes: ["cat"],
      classes: { x: ["cat"] },
      default_mask_targets: { 1: "cat" },
      mask_targets: {},
    },
    {
      "samples.json": JSON.stringify({ samples: [{ filepath: "data/a.png", x: { _cls: "Segmentation" } }] }),
    },
  ],
  [
    "coco-results",
    "results.json",
    [
      {
        image_id: 1,
        category_id: 1,
        score: 0.5,
        segmentation: boxToRle([1, 1, 4, 3], size),
        bbox: [1, 1, 4, 3],
      },
      { image_id: 1, category_id: 1, score: 0.5, bbox: [1, 1, 4, 3] },
    ],
    {
      "annotations.json": JSON.stringify({
        images: [{ id: 1, file_name: "a.png", ...size }],
        categories: [{ id: 1, name: "cat" }],
        annotations: [],
      }),
    },
  ],
];

/** Reads all that there is; whatever ends it, and whatever is set aside. */
async function read(path: string, format: string): Promise<unknown[]> {
  const problems: unknown[] = [];
  const onProblem = (problem: unknown) => void problems.push(problem);
  try {
    const dataset = await openDataset(path, { format, onProblem });
    for await (const { annotations } of dataset.records({ onProblem }))
      for (const { bboxXywh } of annotations) expect(bboxXywh.every(Number.isFinite)).toBe(true);
  } catch (error) {
    problems.push(error);
  }
  return problems;
}

const cases = files.map(([format, name, value, others = {}]) => ({ format, name, value, others }));

it.each(cases)("$format: any value in any place of $name is read, or refused in our words", async (each) => {
  const { format, name, value, others } = each;
  const folder = await makeTemporaryFolder();
  const image = await makePng(8, 6);
  await lay(folder, { ...others, [name]: "", "data/a.png": image, "ds/img/a.png": image, "m.png": png });
  const path = format === "coco-results" ? join(folder, name) : folder;
  await writeFile(join(folder, name), JSON.stringify(value));
  const sound = await read(path, format);
  for (const place of pathsOf(value))
    for (const json of hostileJson) {
      await writeFile(join(folder, name), withJson(value, place, json));
      for (const problem of await read(path, format)) {
        const where = `${place.join(".")}: ${json.slice(0, 60)}`;
        expect(problem, where).toBeInstanceOf(DatasetError);
        const { cause, message } = problem as DatasetError;
        expect(cause instanceof TypeError || cause instanceof RangeError, `${where} ${message}`).toBe(false);
        expect(message).not.toMatch(/undefined|\[object|\n/);
      }
    }
  expect(sound.length).toBeLessThanOrEqual(1); // the map of FiftyOne, which is cut off
});
