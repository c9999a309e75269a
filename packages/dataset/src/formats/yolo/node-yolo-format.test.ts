import { join } from "node:path";
import { decodeRle } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Annotation } from "../../record.js";
import { collect } from "../../testing/collect.js";
import { makeAnnotation, makePng } from "../../testing/make-records.js";
import { lay, smallSet } from "../../testing/mask-sets.js";
import { makeTemporaryFolder } from "../../testing/temporary-folder.js";
import { datasetFromRecords } from "../memory-dataset.js";
import { createMemoryOutput } from "../memory-output.js";
import { detectFormat } from "../node-registry.js";
import { yoloFormat } from "./node-yolo-format.js";
import { yoloWriter } from "./write-yolo.js";
import { formatYoloLine, parseYoloLabels } from "./yolo.js";

describe("YOLO", () => {
  it("any mask survives YOLO's single line a mask", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 42, maxLength: 42 }), async (pixels) => {
        fc.pre(pixels.includes(true));
        const mask = { width: 7, height: 6, data: Uint8Array.from(pixels, Number) };
        const line = formatYoloLine(makeAnnotation(mask), 0)!;
        const [back] = parseYoloLabels(line, mask, 1, "a.txt");
        expect(decodeRle(back!.segmentation!).data).toEqual(mask.data);
      }),
    );
  });

  it.each([
    ["Darknet", "obj_train_data/", "obj_train_data/", "data/obj_train_data/", "obj.names", "cat\n"],
    ["Ultralytics", "images/", "labels/", "./images/", "data.yaml", "names: [cat]\n"],
    ["absolute", "images/", "labels/", "/home/me/set/images/", "data.yaml", "names: [cat]\n"],
  ])("parts that lists name stay in file names: %s", async (_, images, labels, listed, classes, names) => {
    const path = await makeTemporaryFolder();
    const losses: string[] = [];
    const read = async () => {
      const set = await yoloFormat.read(path, { onLoss: (kind) => losses.push(kind) });
      return (await collect(set)).map(({ image }) => image.fileName).sort();
    };
    await lay(path, { [classes]: names, "train.txt": `${listed}a.png\n`, "valid.txt": `${listed}b.png\n` });
    for (const name of ["a", "b"])
      await lay(path, {
        [`${images}${name}.png`]: await makePng(10, 10),
        [`${labels}${name}.txt`]: "0 0.5 0.5 0.4 0.2\n",
      });
    expect(await read()).toEqual(["train/a.png", "valid/b.png"]);
    expect(losses).toEqual([]);
    await lay(path, { "valid.txt": `${listed}a.png\n` });
    expect(await read()).toHaveLength(2);
    expect(losses).toEqual(["partLists", "partLists"]);
  });

  it("boxes alone are left out of a set with outlines, wherever in it these come, and counted", async () => {
    const size = { width: 10, height: 10 };
    const box = { id: 1, bboxXywh: [1, 1, 4, 4], area: 16, isCrowd: false, categoryId: 1 } as const;
    const mask = { ...makeAnnotation({ ...size, data: new Uint8Array(100).fill(1) }), categoryId: 1 };
    const image = (id: number) => ({ id, fileName: `${id}.png`, ...size });
    const written = async (...lists: readonly (readonly Annotation[])[]) => {
      const records = lists.map((annotations, i) => ({ image: image(i + 1), annotations }));
      const output = createMemoryOutput();
      const categories = [{ id: 1, name: "cat" }];
      const { losses } = await yoloWriter.write(datasetFromRecords(records, { categories }), output, {
        images: "none",
      });
      const lines = records.map((_, i) => {
        const text = new TextDecoder().decode(output.files.get(`labels/${i + 1}.txt`));
        return text
          .split("\n")
          .filter(Boolean)
          .map((line) => line.split(" ").length);
      });
      return { lines, boxes: losses.find(({ feature }) => feature === "bareBoxes")?.count ?? 0 };
    };
    expect(await written([box, box], [box])).toEqual({ lines: [[5, 5], [5]], boxes: 0 });
    expect(await written([box, box], [mask, box], [box])).toEqual({ lines: [[], [9], []], boxes: 4 });
    expect(await written([mask], [], [box])).toEqual({ lines: [[9], [], []], boxes: 1 });
  });

  it("YOLO sets with parts, classes in a list, boxes and confidences are read", async () => {
    const path = await makeTemporaryFolder();
    await lay(path, {
      "data.yaml": "train: ../train/images\nnames: [cat, dog]\n",
      "train/images/x.png": await makePng(10, 10),
      "train/labels/x.txt": "1 0.5 0.5 0.4 0.2\n\n0 0 0 1 0 1 .5 0 .5 0.75\n",
      "valid/images/y.png": await makePng(4, 4),
    });
    const back = await yoloFormat.read(path);
    const [x, y] = await collect(back);
    expect([x!.image.fileName, y!.image.fileName]).toEqual(["train/x.png", "valid/y.png"]);
    expect(back.categories.map(({ name }) => name)).toEqual(["cat", "dog"]);
    expect(x!.annotations.map(({ bboxXywh, categoryId, extra }) => [bboxXywh, categoryId, extra])).toEqual([
      [[3, 4, 4, 2], 2, undefined],
      [[0, 0, 10, 5], 1, { score: 0.75 }],
    ]);
    expect(y!.annotations).toEqual([]);
  });

  const labels: readonly (readonly [string, string])[] = [
    ["NaN", "0 NaN 0 1 0 1 1"],
    ["a huge number", "0 1e300 0 1 0 1 1"],
    ["pixels in place of parts", "0 10 20 100 20 100 90"],
    ["a class that is not there", "7 0 0 1 0 1 1"],
    ["two points", "0 0 0"],
  ];
  for (const [what, line] of labels) {
    it(`YOLO: ${what} in a label is named with file and line`, async () => {
      const path = await makeTemporaryFolder();
      await lay(path, {
        "data.yaml": "names: [a]",
        "images/x.png": await makePng(4, 4),
        "labels/x.txt": `\n${line}\n`,
      });
      const reading = yoloFormat.read(path).then(collect);
      await expect(reading).rejects.toMatchObject({ code: "annotation-invalid" });
      await expect(reading).rejects.toThrow(/x\.txt, line 2/);
    });
  }

  it("a data.yaml above the parts makes them one set; that of somebody else stays", async () => {
    const path = await makeTemporaryFolder();
    const dataset = await smallSet();
    for (const part of ["train", "val"]) await yoloFormat.write(dataset, join(path, part));
    await yoloFormat.writeAboveParts!(path, ["train", "val"]);
    await yoloFormat.writeAboveParts!(path, ["train", "val"]);
    expect((await detectFormat(path)).name).toBe("yolo");
    const back = await yoloFormat.read(path);
    expect((await collect(back)).map(({ image }) => image.fileName)).toEqual([
      "train/a/one.png",
      "train/two.png",
      "val/a/one.png",
      "val/two.png",
    ]);
    expect(back.categories.map(({ name }) => name)).toEqual(dataset.categories.map(({ name }) => name));
    await expect(yoloFormat.writeAboveParts!(path, ["train"])).rejects.toMatchObject({
      code: "output-exists",
    });
  });

  it("YOLO: a YAML bomb and a forged class number are refused", async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"].map((k, i) => `${k}: &${k} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`).join("\n")}\nnames: *h\n`;
    for (const yaml of [bomb, "names: {999999999: a}"]) {
      const path = await makeTemporaryFolder();
      await lay(path, { "data.yaml": yaml, "images/x.png": await makePng(4, 4) });
      await expect(yoloFormat.read(path)).rejects.toMatchObject({ code: "dataset-invalid" });
    }
  });
});
