import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeMaskPng } from "@segany/sam/images";
import { describe, expect, it } from "vitest";
import { createFolderOutput } from "../files/folder-output.js";
import { collect } from "../testing/collect.js";
import { drawMask, makeAnnotation, makeImage } from "../testing/make-records.js";
import { apart, smallSet } from "../testing/mask-sets.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { cocoWriter } from "./coco/write-coco.js";
import type { DatasetWriter } from "./format.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { createMemoryOutput } from "./memory-output.js";
import { datasetFormats, findFormat } from "./node-registry.js";
import { createAmgWriter } from "./png/write-png.js";

async function filesIn(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path.slice(folder.length + 1), (await readFile(path)).toString("base64"));
  }
  return files;
}

describe("a writer", () => {
  it.each(datasetFormats)("of $name writes the same into memory as into a folder", async (format) => {
    const { writer } = format;
    const dataset = await smallSet(apart);
    const [own, shared] = [await makeTemporaryFolder(), await makeTemporaryFolder()];
    const report = await format.write(dataset, own);
    const output = createMemoryOutput();
    expect(await writer.write(dataset, output)).toEqual(report);
    expect(await writer.write(dataset, createFolderOutput(shared))).toEqual(report);
    const files = [...output.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
    expect(new Map(files as [string, string][])).toEqual(await filesIn(own));
    expect(await filesIn(shared)).toEqual(await filesIn(own));
  });

  it.each(datasetFormats)("of $name leaves no begun file behind when reading fails", async ({ writer }) => {
    const folder = await makeTemporaryFolder();
    const sound = await smallSet(apart);
    const broken = {
      ...sound,
      async *records() {
        for await (const record of sound.records()) {
          yield record;
          throw new Error("the source is gone");
        }
      },
    };
    await expect(writer.write(broken, createFolderOutput(folder))).rejects.toThrow("the source is gone");
    expect([...(await filesIn(folder)).keys()].filter((name) => /(^|\/)\./.test(name))).toEqual([]);
  });
});

describe("the name of an image that isn't written", () => {
  const said = async (writer: DatasetWriter) => {
    const image = await makeImage(1, { fileName: "a/12:30.png" });
    const output = createMemoryOutput();
    await writer.write(datasetFromRecords([{ image, annotations: [] }]), output, { images: "none" });
    return [...output.files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)] as const);
  };

  it.each([
    ["sa1b", "a/12_30.json", '"file_name":"12:30.png"'],
    ["coco", "annotations/instances_default.json", '"file_name":"a/12:30.png"'],
    ["labelme", "a/12_30.json", '"imagePath":"12:30.png"'],
  ])("is told by %s as it is, while files of masks have safe names", async (format, name, part) => {
    const [first] = await said(findFormat(format).writer);
    expect(first).toEqual([name, expect.stringContaining(part)]);
  });
});

describe("COCO's class of masks without one", () => {
  const mask = makeAnnotation(drawMask("##....", "......", "......", "......", "......"));
  const classesOf = async (names: readonly string[]) => {
    const categories = names.map((name, i) => ({ id: 3 * i + 3, name }));
    const image = await makeImage(1);
    const output = createMemoryOutput();
    await cocoWriter.write(datasetFromRecords([{ image, annotations: [mask] }], { categories }), output);
    const file = JSON.parse(new TextDecoder().decode(output.files.get("annotations/instances_default.json")));
    return { categories: file.categories, used: file.annotations[0].category_id };
  };

  it('is the data set\'s own "object" where it has one, and a new one elsewhere', async () => {
    expect(await classesOf(["cat", "object", "dog"])).toMatchObject({
      categories: [{ name: "cat" }, { id: 6, name: "object" }, { name: "dog" }],
      used: 6,
    });
    expect(await classesOf(["cat"])).toEqual({
      categories: [
        { id: 3, name: "cat" },
        { id: 4, name: "object" },
      ],
      used: 4,
    });
  });
});

it("amg.py's layout has no folder above and no further columns, and is read as PNG masks", async () => {
  const folder = await makeTemporaryFolder();
  const annotation = makeAnnotation(apart[0]!, { id: 7, predictedIou: 0.5, pointCoords: [[1.5, 2]] });
  const dataset = datasetFromRecords([{ image: await makeImage(1), annotations: [annotation] }]);
  await createAmgWriter(encodeMaskPng).write(dataset, createFolderOutput(folder), { images: "none" });
  expect([...(await filesIn(folder)).keys()].sort()).toEqual(["sa_1/0.png", "sa_1/metadata.csv"]);
  expect(await readFile(join(folder, "sa_1/metadata.csv"), "utf8")).toBe(
    [
      "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,crop_box_x0,crop_box_y0,crop_box_w,crop_box_h",
      "0,8,0,0,3,3,1.5,2,0.5,,,,,",
      "",
    ].join("\n"),
  );
  const [read] = await collect(await findFormat("png").read(folder));
  expect(read!.annotations).toEqual([{ ...annotation, id: 1 }]);
});
