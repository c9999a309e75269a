import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.js";
import { makeAnnotation, makeImage, makePng } from "../../testing/make-records.js";
import { apart, lossesOf, smallSet, writeAndRead } from "../../testing/mask-sets.js";
import { datasetFromRecords } from "../memory-dataset.js";
import { vocFormat } from "./node-voc-format.js";

describe("Pascal VOC", () => {
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
    const { report, back } = await writeAndRead(dataset, vocFormat);
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

  it("VOC: XML with entities, unclosed or nested without end, and NaN in a box are refused", async () => {
    const dataset = await smallSet(apart);
    for (const xml of [
      '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><annotation>&c;</annotation>',
      "<annotation><object></annotation>",
      `${"<annotation>".repeat(10_000)}${"</annotation>".repeat(10_000)}`,
      "<annotation><object><name>a</name><bndbox><xmin>NaN</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>",
    ]) {
      const { path, back } = await writeAndRead(dataset, vocFormat);
      await writeFile(join(path, "Annotations/two.xml"), xml);
      await expect(collect(back)).rejects.toMatchObject({ code: "annotation-invalid" });
    }
  });

  it("PNGs that are cut off, of two sizes, or unfold to more than they say are refused", async () => {
    const dataset = await smallSet(apart);
    const { path, back } = await writeAndRead(dataset, vocFormat);
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
      await makePng(7, 5),
      Buffer.concat([bomb.subarray(0, 33), chunk]),
      Buffer.from("no image"),
    ]) {
      await writeFile(file, bytes);
      await expect(collect(back)).rejects.toMatchObject({ code: "annotation-invalid" });
    }
  });
});
