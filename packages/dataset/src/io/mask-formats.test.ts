import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodeRle, encodeRle, type Rle, rleArea } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import type { Annotation, Dataset } from "../record.js";
import { collect } from "../testing/collect.js";
import { drawMask, exampleMasks, makeAnnotation, makeImage, makePng } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { detectFormat, findFormat } from "./registry.js";

const shared = process.env.SEGANY_SHARED ?? new URL("../../../../../shared", import.meta.url).pathname;

/** A ring with a pixel in its hole, and a frame: holes, islands and parts that touch at corners. */
const nested = drawMask("#####.", "#...#.", "#.#.#.", "#...#.", "######");

async function smallSet(masks = Object.values(exampleMasks)): Promise<Dataset> {
  const annotations = masks.map((mask, i) =>
    makeAnnotation(mask, { id: i + 1, categoryId: [3, 5, 3][i % 3]! }),
  );
  return datasetFromRecords(
    [
      { image: await makeImage(1, { fileName: "a/one.png" }), annotations },
      { image: await makeImage(2, { fileName: "two.png" }), annotations: [] },
    ],
    {
      categories: [
        { id: 3, name: "cell, big" },
        { id: 5, name: 'a <b> & "c"' },
      ],
    },
  );
}

async function writeAndRead(dataset: Dataset, format: string) {
  const path = join(await makeTemporaryFolder(), "out");
  const report = await findFormat(format).write(dataset, path);
  return { path, report, back: await findFormat(format).read(path) };
}

function countsOf(annotations: readonly Annotation[]): string[] {
  return annotations.map(({ segmentation }) => segmentation.counts);
}

function lossesOf(report: { losses: readonly { feature: string; count: number }[] }): Record<string, number> {
  return Object.fromEntries(report.losses.map(({ feature, count }) => [feature, count]));
}

/** Masks that don't overlap, so that label maps can hold them. */
const apart = [
  drawMask("###...", "#.#...", "###...", "......", "......"),
  drawMask("....##", "....##", "......", "....##", "....##"),
  drawMask("......", ".#....", "......", "......", "###..."),
];

describe("formats that hold overlapping masks", () => {
  for (const format of ["yolo", "labelme", "png"]) {
    it(`${format} gives back masks with holes, islands and parts, their classes and image files`, async () => {
      const dataset = await smallSet([...Object.values(exampleMasks), nested]);
      const { report, back, path } = await writeAndRead(dataset, format);
      expect((await detectFormat(path)).name).toBe(format);
      const before = await collect(dataset);
      const after = await collect(back);
      const names = new Map(back.categories.map(({ id, name }) => [id, name]));
      expect(after.map(({ image }) => image.fileName).sort()).toEqual(["a/one.png", "two.png"]);
      const one = after.find(({ image }) => image.fileName === "a/one.png")!;
      expect(one.image.bytes).toEqual(before[0]!.image.bytes);
      expect(countsOf(one.annotations)).toEqual(countsOf(before[0]!.annotations));
      expect(one.annotations.map(({ categoryId }) => names.get(categoryId!))).toEqual(
        before[0]!.annotations.map(({ categoryId }) => (categoryId === 3 ? "cell, big" : 'a <b> & "c"')),
      );
      expect(report).toMatchObject({ format, images: 2, annotations: 4, imageFiles: 2, keptFiles: 0 });
      expect(lossesOf(report)).not.toHaveProperty("holes");
      expect(lossesOf(report)).toMatchObject({ categoryIds: 2, imageIds: 2 });
    });
  }

  it("any mask survives YOLO's single line a mask", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 42, maxLength: 42 }), async (pixels) => {
        fc.pre(pixels.includes(true));
        const mask = { width: 7, height: 6, data: Uint8Array.from(pixels, Number) };
        const { formatYoloLine, parseYoloLabels } = await import("../formats/yolo.js");
        const line = formatYoloLine(makeAnnotation(mask), 0)!;
        const [back] = parseYoloLabels(line, mask, 1, "a.txt");
        expect(decodeRle(back!.segmentation).data).toEqual(mask.data);
      }),
    );
  });

  it("png keeps scores, points, boxes, crowd flags and annotators", async () => {
    const annotation = makeAnnotation(exampleMasks.ring, {
      id: 77,
      area: 9,
      bboxXywh: [1.5, 1, 3, 3],
      isCrowd: true,
      predictedIou: 0.875,
      stabilityScore: 0.9,
      cropBoxXywh: [0, 0, 6, 5],
      pointCoords: [
        [1.5, 2],
        [3, -0.25],
      ],
      annotator: "b",
    });
    const empty = makeAnnotation(drawMask("......", "......", "......", "......", "......"), { id: 78 });
    const dataset = datasetFromRecords([{ image: await makeImage(1), annotations: [annotation, empty] }]);
    const { back } = await writeAndRead(dataset, "png");
    expect((await collect(back))[0]!.annotations).toEqual([annotation, empty]);
  });
});

describe("formats with one number a pixel", () => {
  for (const format of ["voc", "labelmap"]) {
    it(`${format} gives back masks that don't overlap`, async () => {
      const dataset = await smallSet(apart);
      const { report, back, path } = await writeAndRead(dataset, format);
      expect((await detectFormat(path)).name).toBe(format);
      const after = await collect(back);
      const one = after.find(({ image }) => image.fileName === "a/one.png")!;
      expect(countsOf(one.annotations)).toEqual(apart.map((mask) => encodeRle(mask).counts));
      expect(lossesOf(report)).not.toHaveProperty("overlaps");
    });

    it(`${format} keeps small masks on top and counts the pixels they share with others`, async () => {
      const { report, back } = await writeAndRead(await smallSet(), format);
      const one = (await collect(back)).find(({ image }) => image.fileName === "a/one.png")!;
      const bar = one.annotations.find(({ id }) => id === 3)!;
      expect(bar.segmentation).toEqual(encodeRle(exampleMasks.bar));
      expect(lossesOf(report).overlaps).toBe(3);
    });
  }

  it("voc keeps classes, boxes, remarks and void pixels", async () => {
    const dataset = datasetFromRecords(
      [
        {
          image: await makeImage(1),
          annotations: [
            makeAnnotation(apart[0]!, {
              categoryId: 9,
              bboxXywh: [0, 0, 4, 4],
              extra: { pose: "Left", truncated: 1, difficult: 0, occluded: 0 },
            }),
          ],
          ignoreRegions: [{ segmentation: encodeRle(apart[1]!) }],
        },
      ],
      { categories: [{ id: 9, name: "cell & <b>" }] },
    );
    const { report, back } = await writeAndRead(dataset, "voc");
    const [record] = await collect(back);
    expect(back.categories).toEqual([{ id: 1, name: "cell & <b>" }]);
    expect(record!.annotations[0]).toMatchObject({
      categoryId: 1,
      bboxXywh: [0, 0, 4, 4],
      extra: { pose: "Left", truncated: 1, difficult: 0, occluded: 0 },
    });
    expect(record!.ignoreRegions).toEqual([{ segmentation: encodeRle(apart[1]!) }]);
    expect(Object.keys(lossesOf(report)).sort()).toEqual(["annotationIds", "categoryIds", "imageIds"]);
  });

  it("semantic joins the masks of a class and keeps ids as numbers of pixels", async () => {
    const { report, back } = await writeAndRead(await smallSet(apart), "semantic");
    expect(back.categories).toEqual([
      { id: 3, name: "cell, big" },
      { id: 5, name: 'a <b> & "c"' },
    ]);
    const one = (await collect(back)).find(({ image }) => image.fileName === "a/one.png")!;
    expect(one.annotations.map(({ categoryId, area }) => [categoryId, area])).toEqual([
      [3, 12],
      [5, 8],
    ]);
    expect(lossesOf(report)).toMatchObject({ instances: 1 });
    expect(lossesOf(report)).not.toHaveProperty("categoryIds");
  });

  it("label maps of 8 and of 16 bits hold every mask of a crowded image", async () => {
    for (const side of [15, 20]) {
      const annotations = Array.from({ length: side * side }, (_, i) => {
        const data = new Uint8Array(side * side);
        data[i] = 1;
        return makeAnnotation({ width: side, height: side, data }, { id: i + 1 });
      });
      const image = { id: 1, fileName: "a.png", width: side, height: side };
      const { back, path } = await writeAndRead(datasetFromRecords([{ image, annotations }]), "labelmap");
      expect((await readFile(join(path, "masks/a.png")))[24]).toBe(side === 15 ? 8 : 16);
      const [record] = await collect(back);
      expect(countsOf(record!.annotations)).toEqual(countsOf(annotations));
    }
  });
});

describe("what other tools write", () => {
  it("YOLO sets with parts, classes in a list, boxes and confidences are read", async () => {
    const path = await makeTemporaryFolder();
    await lay(path, {
      "data.yaml": "train: ../train/images\nnames: [cat, dog]\n",
      "train/images/x.png": await makePng(10, 10),
      "train/labels/x.txt": "1 0.5 0.5 0.4 0.2\n\n0 0 0 1 0 1 .5 0 .5 0.75\n",
      "valid/images/y.png": await makePng(4, 4),
    });
    const back = await findFormat("yolo").read(path);
    const [x, y] = await collect(back);
    expect([x!.image.fileName, y!.image.fileName]).toEqual(["train/x.png", "valid/y.png"]);
    expect(back.categories.map(({ name }) => name)).toEqual(["cat", "dog"]);
    expect(x!.annotations.map(({ bboxXywh, categoryId, extra }) => [bboxXywh, categoryId, extra])).toEqual([
      [[3, 4, 4, 2], 2, undefined],
      [[0, 0, 10, 5], 1, { score: 0.75 }],
    ]);
    expect(y!.annotations).toEqual([]);
  });

  it("LabelMe's rectangles, circles, groups and files of Windows are read, points left out", async () => {
    const path = await makeTemporaryFolder();
    const shape = (shape_type: string, points: number[][], more = {}) => ({
      label: "a",
      shape_type,
      points,
      ...more,
    });
    await lay(path, {
      "img/a.png": await makePng(8, 8),
      "json/a.json": JSON.stringify({
        imagePath: "..\\img\\a.png",
        imageHeight: 8,
        imageWidth: 8,
        shapes: [
          shape(
            "rectangle",
            [
              [6, 6],
              [4, 4],
            ],
            { group_id: 1 },
          ),
          shape("point", [[1, 1]]),
          shape(
            "circle",
            [
              [2, 2],
              [2, 4],
            ],
            { group_id: 1 },
          ),
          shape(
            "polygon",
            [
              [0, 0],
              [2, 0],
              [2, 2],
            ],
            { label: "b", flags: { odd: true } },
          ),
        ],
      }),
    });
    const [record] = await collect(await findFormat("labelme").read(path));
    expect(record!.image.fileName).toBe("img/a.png");
    expect(record!.image.bytes).toBeDefined();
    expect(record!.annotations.map(({ area, bboxXywh, extra }) => [area, bboxXywh, extra])).toEqual([
      [4 + 12, [0, 0, 6, 6], undefined],
      [3, [0, 0, 2, 2], { flags: { odd: true } }],
    ]);
  });
});

async function lay(path: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), data);
  }
}

describe("hostile files", () => {
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
      const reading = findFormat("yolo").read(path).then(collect);
      await expect(reading).rejects.toMatchObject({ code: "annotation-invalid" });
      await expect(reading).rejects.toThrow(/x\.txt, line 2/);
    });
  }

  it("YOLO: a YAML bomb and a forged class number are refused", async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"].map((k, i) => `${k}: &${k} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`).join("\n")}\nnames: *h\n`;
    for (const yaml of [bomb, "names: {999999999: a}"]) {
      const path = await makeTemporaryFolder();
      await lay(path, { "data.yaml": yaml, "images/x.png": await makePng(4, 4) });
      await expect(findFormat("yolo").read(path)).rejects.toMatchObject({ code: "dataset-invalid" });
    }
  });

  it("VOC: XML with entities, unclosed or nested without end, and NaN in a box are refused", async () => {
    const dataset = await smallSet(apart);
    for (const xml of [
      '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><annotation>&c;</annotation>',
      "<annotation><object></annotation>",
      `${"<annotation>".repeat(10_000)}${"</annotation>".repeat(10_000)}`,
      "<annotation><object><name>a</name><bndbox><xmin>NaN</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>",
    ]) {
      const { path, back } = await writeAndRead(dataset, "voc");
      await writeFile(join(path, "Annotations/two.xml"), xml);
      await expect(collect(back)).rejects.toMatchObject({ code: "annotation-invalid" });
    }
  });

  it("PNGs that are cut off, of many channels, of two sizes, or unfold to more than they say are refused", async () => {
    const dataset = await smallSet(apart);
    const { path, back } = await writeAndRead(dataset, "voc");
    const file = join(path, "SegmentationObject/two.png");
    const whole = await readFile(file);
    const bomb = Buffer.from(whole);
    const { deflateSync, crc32 } = await import("node:zlib");
    const packed = deflateSync(Buffer.alloc(50_000_000));
    const chunk = Buffer.alloc(packed.length + 12);
    chunk.writeUInt32BE(packed.length, 0);
    chunk.write("IDAT", 4, "latin1");
    packed.copy(chunk, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
    for (const bytes of [
      whole.subarray(0, whole.length - 30),
      await makePng(6, 5),
      await makePng(7, 5),
      Buffer.concat([bomb.subarray(0, 33), chunk]),
      Buffer.from("no picture"),
    ]) {
      await writeFile(file, bytes);
      await expect(collect(back)).rejects.toMatchObject({ code: "annotation-invalid" });
    }
  });

  it("LabelMe: NaN, masks that don't fit and images outside of the folder are refused", async () => {
    const shapes = [
      [
        {
          label: "a",
          shape_type: "polygon",
          points: [
            [null, 0],
            ["x", 1],
            [2, 2],
          ],
        },
        "annotation-invalid",
      ],
      [
        {
          label: "a",
          shape_type: "polygon",
          points: [
            [1e308, 0],
            [0, 1],
            [2, 2],
          ],
        },
        "annotation-invalid",
      ],
      [
        {
          label: "a",
          shape_type: "mask",
          points: [
            [0, 0],
            [1, 1],
          ],
          mask: "AAAA",
        },
        "annotation-invalid",
      ],
      [
        {
          shape_type: "rectangle",
          points: [
            [0, 0],
            [1, 1],
          ],
        },
        "annotation-invalid",
      ],
    ] as const;
    const read = async (json: object) => {
      const path = join(await makeTemporaryFolder(), "set");
      await lay(path, {
        "a.json": JSON.stringify({ imageHeight: 4, imageWidth: 4, imagePath: "a.png", ...json }),
      });
      return collect(await findFormat("labelme").read(path));
    };
    for (const [shape, code] of shapes)
      await expect(read({ shapes: [shape] })).rejects.toMatchObject({ code });
    for (const imagePath of ["../../etc/passwd", "/etc/passwd", "C:\\a.png", "a\u0000.png"])
      await expect(read({ shapes: [], imagePath })).rejects.toMatchObject({ code: "name-unsafe" });
  });

  it("no writer leaves its output folder, and two images with one name are refused", async () => {
    for (const format of ["yolo", "voc", "png", "labelmap", "labelme", "semantic"]) {
      const image = await makeImage(1, { fileName: "../../out.png" });
      const outside = datasetFromRecords([{ image, annotations: [] }]);
      const folder = await makeTemporaryFolder();
      const { write } = findFormat(format);
      await expect(write(outside, join(folder, "a"))).rejects.toMatchObject({ code: "name-unsafe" });
      const twice = datasetFromRecords([
        { image: await makeImage(1, { fileName: "A.png" }), annotations: [] },
        { image: await makeImage(2, { fileName: "a.jpg" }), annotations: [] },
      ]);
      await expect(write(twice, join(folder, "b"))).rejects.toMatchObject({ code: "dataset-invalid" });
    }
  });
});

describe("resuming", () => {
  it("keeps files that are there and writes the same", async () => {
    for (const format of ["yolo", "voc", "png", "labelmap", "labelme", "semantic"]) {
      const dataset = await smallSet(apart);
      const { path, report } = await writeAndRead(dataset, format);
      await expect(findFormat(format).write(dataset, path)).rejects.toMatchObject({ code: "output-exists" });
      const again = await findFormat(format).write(dataset, path, { resume: true });
      expect(again.keptFiles).toBeGreaterThanOrEqual(4);
      expect(again.losses).toEqual(report.losses);
    }
  });
});

describe("real sets", () => {
  const set = join(shared, "data/bsds500");
  for (const format of ["yolo", "labelme", "png"]) {
    it(`${format} gives back masks of a set with holes`, async (context) => {
      const source = await findFormat("coco")
        .read(set)
        .catch(() => undefined);
      if (!source) return context.skip(`needs ${set}`);
      const records = [];
      for await (const record of source.records()) {
        records.push({ ...record, annotations: record.annotations.slice(0, 8) });
        if (records.length === 3) break;
      }
      const { back } = await writeAndRead(
        datasetFromRecords(records, { categories: source.categories }),
        format,
      );
      const after = new Map((await collect(back)).map((record) => [record.image.fileName, record]));
      for (const { image, annotations } of records) {
        const rles: readonly Rle[] = annotations.map(({ segmentation }) => segmentation);
        expect(after.get(image.fileName)!.annotations.map(({ segmentation }) => segmentation)).toEqual(rles);
        expect(rles.every((rle) => rleArea(rle) > 0)).toBe(true);
      }
    });
  }
});
