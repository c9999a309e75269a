/** Readers of files in memory give what the readers of folders give of the same files. */
import { deflateSync } from "node:zlib";
import type { encodeRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { createFolderOutput } from "../files/folder-output.js";
import { encodeLabelPng } from "../masks/encode-label-png.js";
import { decodeLabelPng, decodeMaskPng } from "../masks/node-decode-label-png.js";
import { createReadLossCounter } from "../read-losses.js";
import type { Annotation, Category, Dataset } from "../record.js";
import { collect } from "../testing/collect.js";
import { exampleMasks, makeAnnotation, makeImage } from "../testing/make-records.js";
import { apart, nested } from "../testing/mask-sets.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { readCvatFiles } from "./cvat/read-cvat.js";
import type { FileSet, FileSetOptions, SetFiles } from "./file-set.js";
import { readLabelmeFiles } from "./labelme/read-labelme.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { createMemoryOutput } from "./memory-output.js";
import { newBox } from "./new-annotation.js";
import { findFormat } from "./node-registry.js";
import { readVocFiles } from "./voc/read-voc.js";
import { readYoloFiles } from "./yolo/read-yolo.js";

const categories = ["unused", "pear", 'a <b> & "c"'].map((name, i) => ({ id: i + 1, name }));

const readers: Readonly<Record<string, (files: SetFiles, options: FileSetOptions) => FileSet>> = {
  cvat: readCvatFiles,
  yolo: readYoloFiles,
  labelme: (files, options) => readLabelmeFiles(files, { ...options, decodePng: decodeLabelPng }),
  voc: (files, options) => readVocFiles(files, { ...options, decodePng: decodeMaskPng }),
};

async function setOf(annotations: readonly Annotation[]): Promise<Dataset> {
  const image = await makeImage(1, { fileName: "one.png" });
  const other = await makeImage(2, { fileName: "two.png" });
  return datasetFromRecords(
    [
      { image, annotations },
      { image: other, annotations: [makeAnnotation(exampleMasks.bar, { categoryId: 3 })] },
    ],
    { categories },
  );
}

const findImage = (name: string) =>
  /^(one|two)(\.png)?$/.test(name) ? { fileName: `${name.slice(0, 3)}.png`, width: 6, height: 5 } : undefined;

/** What is compared of a set: the names of classes in their order, and by image name what it has. */
function contentOf(
  classes: readonly Category[],
  records: readonly {
    readonly image: { readonly fileName: string };
    readonly annotations: readonly Annotation[];
  }[],
) {
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  const content = records.map(({ image, annotations }) => [
    image.fileName,
    annotations.map(({ segmentation, bboxXywh, categoryId, extra }) => ({
      ...{ segmentation, bboxXywh, extra },
      name: names.get(categoryId!),
    })),
  ]);
  return { classes: classes.map(({ name }) => name), images: Object.fromEntries(content) };
}

const masks = (list: readonly Parameters<typeof encodeRle>[0][]) =>
  list.map((mask, i) => makeAnnotation(mask, { id: i + 1, categoryId: 2 + (i % 2) }));

describe.each(Object.keys(readers))("%s", (name) => {
  const read = readers[name]!;

  it.each([
    ["masks", masks(name === "voc" ? apart : [...Object.values(exampleMasks), nested])],
    ["boxes", [newBox(1, [1, 0, 3, 4], { categoryId: 2 })]],
    ["nothing", []],
  ])("%s come as from a folder, with all classes in their order", async (_, annotations) => {
    const dataset = await setOf(annotations);
    const output = createMemoryOutput();
    await findFormat(name).writer.write(dataset, output);
    const folder = await makeTemporaryFolder();
    await findFormat(name).writer.write(dataset, createFolderOutput(folder));
    const expected = await findFormat(name).read(folder);
    const found = read(output.files, { findImage });
    expect(contentOf(found.categories, found.records)).toEqual(
      contentOf(expected.categories, await collect(expected)),
    );
    expect(found.categories.map(({ name: each }) => each)).toEqual(categories.map(({ name: each }) => each));
    expect(found.unknownImages).toEqual([]);
  });

  it("goes on after a file that can't be read, and tells of it", async () => {
    const output = createMemoryOutput();
    await findFormat(name).writer.write(await setOf(masks(apart)), output);
    const broken = { cvat: "a.xml", yolo: "labels/two.txt", labelme: "two.json", voc: "Annotations/x.xml" }[
      name
    ]!;
    const files = new Map(output.files).set(broken, new TextEncoder().encode("0 <{ nonsense"));
    const problems: string[] = [];
    const found = read(files, { findImage, onProblem: ({ message }) => void problems.push(message) });
    expect(found.records[0]!.annotations).toHaveLength(apart.length);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toContain(broken);
    expect(() => read(files, { findImage })).toThrow(broken);
  });
});

describe("files in memory", () => {
  const text = (content: string) => new TextEncoder().encode(content);

  it("of YOLO are of the images that are called like them; others are named", () => {
    const files = new Map([
      ["data.yaml", text("names: [pear]\n")],
      ["README.txt", text("This set is ours.")],
      ["one.txt", text("0 0.5 0.5 1 1\n")],
      ["elsewhere.txt", text("0 0.5 0.5 1 1\n")],
    ]);
    const { records, unknownImages } = readYoloFiles(files, { findImage });
    expect(records.map(({ image }) => image.fileName)).toEqual(["one.png"]);
    expect(unknownImages).toEqual(["elsewhere"]);
    files.delete("data.yaml");
    expect(() => readYoloFiles(files, { findImage })).toThrow(/data\.yaml or classes\.txt/);
  });

  it("tell what has no place in a record", () => {
    const { onLoss, list } = createReadLossCounter();
    const xml = `<annotations><version>1.1</version><image id="0" name="one.png" width="6" height="5">
      <polyline label="a" points="1,1;2,2"/><box label="a" xtl="1" ytl="1" xbr="3" ybr="4"/></image></annotations>`;
    const { records } = readCvatFiles(new Map([["a.xml", text(xml)]]), { findImage, onLoss });
    expect(records[0]!.annotations).toMatchObject([{ bboxXywh: [1, 1, 2, 3] }]);
    expect(list().map(({ kind, count }) => [kind, count])).toEqual([["lines", 1]]);
  });

  it("name an image by no path that leads elsewhere", () => {
    const xml =
      '<annotations><version/><image id="0" name="../../a.png" width="6" height="5"/></annotations>';
    expect(() => readCvatFiles(new Map([["a.xml", text(xml)]]), { findImage })).toThrow(/\.\.\//);
    const labelme = { imagePath: "..\\..\\etc\\one.png", imageWidth: 6, imageHeight: 5, shapes: [] };
    const found = readLabelmeFiles(new Map([["one.json", text(JSON.stringify(labelme))]]), {
      findImage,
      decodePng: decodeLabelPng,
    });
    expect(found.records[0]!.image.fileName).toBe("one.png");
  });

  it("of PNGs that unfold to more than they say are refused", () => {
    const png = encodeLabelPng({ width: 6, height: 5, data: new Uint8Array(30) }, "grey");
    const at = Buffer.from(png).indexOf("IDAT");
    const bomb = deflateSync(Buffer.alloc(1_000_000));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bomb.length);
    const file = Buffer.concat([
      png.subarray(0, at - 4),
      length,
      Buffer.from("IDAT"),
      bomb,
      Buffer.alloc(4),
      png.subarray(-12),
    ]);
    expect(() => decodeMaskPng(file, "bomb.png")).toThrow(/bomb\.png.*can't be unpacked/);
  });
});
