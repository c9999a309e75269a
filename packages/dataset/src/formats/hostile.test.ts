import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { convert } from "../convert/convert.js";
import { openDataset } from "../convert/open-dataset.js";
import { DatasetError } from "../errors.js";
import { writeInpainting } from "../inpainting/write-inpainting.js";
import type { Dataset } from "../record.js";
import { collectStatistics } from "../statistics/collect-statistics.js";
import { hostileJson, pathsOf, withJson } from "../testing/hostile-values.js";
import { drawMask, makeAnnotation, makeImage } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { validate } from "../validate/validate.js";
import { writeContactSheet } from "../view/contact-sheet.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { datasetFormats } from "./node-registry.js";

const IMAGES = 3;
const masks = [
  drawMask("##....", "##....", "......", "......", "......"),
  drawMask("......", "......", "......", "...###", "...###"),
];

async function soundSet(): Promise<Dataset> {
  const records = Array.from({ length: IMAGES }, async (_, index) => ({
    image: await makeImage(index + 1),
    annotations: masks.map((mask, i) =>
      makeAnnotation(mask, {
        id: 2 * index + i + 1,
        categoryId: i + 1,
        predictedIou: 0.9,
        stabilityScore: 0.9,
        pointCoords: [[1, 1]],
        cropBoxXywh: [0, 0, 6, 5],
        extra: { truncated: 1, pose: "Left" },
      }),
    ),
  }));
  const categories = [
    { id: 1, name: "cat" },
    { id: 2, name: "dog" },
  ];
  return datasetFromRecords(await Promise.all(records), { categories });
}

/** What each verb makes of a damaged set: how many images it could use. */
const verbs: Readonly<
  Record<string, (path: string, format: string, out: string, problems: DatasetError[]) => Promise<number>>
> = {
  validate: async (path, format) => (await validate(path, { format })).images,
  stats: async (path, format, _out, problems) => {
    const onProblem = (problem: DatasetError) => void problems.push(problem);
    return (await collectStatistics(await openDataset(path, { format, onProblem }), { onProblem })).images;
  },
  view: async (path, format, out, problems) => {
    const onProblem = (problem: DatasetError) => void problems.push(problem);
    const dataset = await openDataset(path, { format, onProblem });
    return (await writeContactSheet(dataset, out, { onProblem, thumbnailPx: 16 })).images;
  },
  convert: async (path, format, out, problems) => {
    const onProblem = (problem: DatasetError) => void problems.push(problem);
    return (await convert(await openDataset(path, { format, onProblem }), "coco", out, { onProblem })).images;
  },
  inpaint: async (path, format, out, problems) => {
    const onProblem = (problem: DatasetError) => void problems.push(problem);
    const dataset = await openDataset(path, { format, onProblem });
    const report = await writeInpainting(dataset, out, { onProblem });
    return report.images + report.missingFiles + report.unreadableFiles;
  },
};

/** Runs a verb; whatever ends it, and whatever it sets aside, has to be in our words. */
async function run(verb: string, path: string, format: string): Promise<number | DatasetError> {
  const out = join(path, "..", "out");
  const problems: DatasetError[] = [];
  const outcome = await verbs[verb]!(path, format, out, problems).catch((error: unknown) => error);
  await rm(out, { recursive: true, force: true, maxRetries: 10 });
  const errors = typeof outcome === "number" ? problems : [...problems, outcome];
  for (const error of errors) {
    expect(error).toBeInstanceOf(DatasetError);
    const { cause, message } = error as DatasetError;
    expect(cause instanceof TypeError || cause instanceof RangeError, message).toBe(false);
    expect(message).not.toMatch(/undefined|\[object|\n/);
  }
  return outcome as number | DatasetError;
}

async function makeSound(format: string): Promise<{ readonly folder: string; readonly files: string[] }> {
  const folder = join(await makeTemporaryFolder(), "set");
  await convert(await soundSet(), format, folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return { folder, files: files.sort() };
}

const firstOf = (files: readonly string[], pattern: RegExp) => files.filter((file) => pattern.test(file))[0]!;

describe.each(datasetFormats.map(({ name }) => name))("%s", (format) => {
  it("tells in our words what is wrong with any file, and goes on after one image's", async () => {
    const { folder, files } = await makeSound(format);
    for (const verb of Object.keys(verbs)) expect(await run(verb, folder, format)).toBe(IMAGES);
    const contents = [
      "",
      "text\n",
      "null",
      "{}",
      "[]",
      "\ufeff\u0000",
      '<svg xmlns="http://www.w3.org/2000/svg" width="6" height="5"/>',
      "0 0.1 nan\n0 __proto__ 0 0 0 0 0\n0 0 0 0.5 0 0.5 0.5\n",
      "a,b\n\u0001,2,3\n",
    ];
    const ofOneImage = files.filter((file) => /sa_1\b/.test(file));
    const shared = files.filter((file) => !/sa_\d\b/.test(file));
    for (const file of [...ofOneImage, ...shared]) {
      const sound = await readFile(file);
      const damaged = [...contents.map((text) => Buffer.from(text)), sound.subarray(0, sound.length / 2)];
      for (const [i, content] of damaged.entries()) {
        await writeFile(file, content);
        for (const verb of i === 0 ? Object.keys(verbs) : ["validate", "stats"]) {
          const images = await run(verb, folder, format);
          if (ofOneImage.includes(file))
            expect(images, `${file} ${verb} ${content}`).toBeGreaterThanOrEqual(IMAGES - 1);
        }
      }
      await rm(file);
      await mkdir(file);
      for (const verb of ["validate", "stats"]) await run(verb, folder, format);
      await rm(file, { recursive: true });
      for (const verb of ["validate", "stats"]) await run(verb, folder, format);
      await writeFile(file, sound);
    }
  });
});

describe.each(["sa1b", "coco", "lvis", "labelme"])("%s", (format) => {
  it("tells in our words what is wrong with any field, whatever is in it", async () => {
    const { folder, files } = await makeSound(format);
    const file = firstOf(files, /\.json$/);
    const sound: unknown = JSON.parse(await readFile(file, "utf8"));
    const names = ["validate", "stats", "convert"];
    let turn = 0;
    for (const path of pathsOf(sound)) {
      for (const json of hostileJson) {
        await writeFile(file, withJson(sound, path, json));
        const verb = names[turn++ % names.length]!;
        const images = await run(verb, folder, format);
        const where = `${verb} ${path.join(".")}: ${json}`;
        const isOfOneRecord = path[0] === "annotations" ? path.length > 1 : !/^(coco|lvis)$/.test(format);
        if (isOfOneRecord) expect(images, where).toBeGreaterThanOrEqual(IMAGES - 1);
      }
    }
  });
});

it("tells in our words what is wrong with names of YOLO's classes", async () => {
  const { folder, files } = await makeSound("yolo");
  const file = firstOf(files, /data\.yaml$/);
  for (const name of [
    ...hostileJson,
    "&a [*a]",
    "!!js/function 'x'",
    "!x y",
    "2001-01-01",
    "~",
    "[a, [b]]",
  ]) {
    for (const text of [`names: [${name}, dog]`, `names: {0: ${name}, 1: dog}`, `names: ${name}`]) {
      await writeFile(file, `${text}\n`);
      for (const verb of ["validate", "view", "convert"]) {
        const images = await run(verb, folder, "yolo");
        if (!text.startsWith(`names: ${name}`) && typeof images === "number") expect(images).toBe(IMAGES);
      }
    }
  }
  await writeFile(file, 'names: [{"toString": 1}, dog]\n');
  const report = await validate(folder);
  expect(report).toMatchObject({ images: IMAGES, problemCount: 1 });
  expect(report.problems[0]!.message).toBe(`${file}: name 0 is {"toString":1}, not a text.`);
});

it("tells in our words what is wrong with VOC's XML", async () => {
  const { folder, files } = await makeSound("voc");
  const file = firstOf(files, /\.xml$/);
  const sound = await readFile(file, "utf8");
  const tags = [...new Set([...sound.matchAll(/<(\w+)>/g)].map(([, tag]) => tag!))];
  for (const tag of tags) {
    for (const content of [
      "",
      "text",
      "<__proto__>1</__proto__>",
      "<toString/>",
      "<a><b/></a>",
      "&x;",
      "-1e999",
    ]) {
      const pattern = new RegExp(`<${tag}>.*?</${tag}>`, "s");
      await writeFile(
        file,
        sound.replace(pattern, () => `<${tag}>${content}</${tag}>`),
      );
      for (const verb of ["validate", "stats"])
        expect(await run(verb, folder, "voc"), `${tag} ${content}`).toBeGreaterThanOrEqual(IMAGES - 1);
      await writeFile(
        file,
        sound.replace(pattern, (all) => all + all),
      );
      await run("validate", folder, "voc");
    }
  }
});

it("takes any further field of another format to a place where it has a meaning", async () => {
  const { folder, files } = await makeSound("coco");
  const file = firstOf(files, /instances_default\.json$/);
  const sound = JSON.parse(await readFile(file, "utf8"));
  for (const json of hostileJson) {
    for (const field of ["truncated", "pose"]) {
      await writeFile(file, withJson(sound, ["annotations", 0, field], json));
      const out = join(await makeTemporaryFolder(), "out");
      expect((await convert(await openDataset(folder), "voc", out)).images).toBe(IMAGES);
    }
  }
});
