/**
 * Folders that other tools wrote, read without naming the format; what must come out is in the fixtures'
 * truth.json.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Annotation, convert, openDataset } from "@segany/dataset";
import { rleArea } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { makeTemporaryFolder } from "../src/testing/temporary-folder.js";

const shared = process.env.SEGANY_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
const folder = join(shared, "fixtures/formats");
const isThere = existsSync(join(folder, "truth.json"));

interface TrueObject {
  readonly class: string;
  readonly bbox_xywh: readonly number[];
  readonly area_of_polygon_mask: number;
}

const truth: readonly { readonly file: string; readonly objects: readonly TrueObject[] }[] = isThere
  ? JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"))
  : [];

/**
 * What a format can say: masks (or boxes) with classes, boxes, masks without classes, or one mask an image.
 */
type Kind = "mask" | "box" | "region" | "binary";

const formats: readonly (readonly [set: string, format: string, kind: Kind])[] = [
  ["camvid", "camvid", "mask"],
  ["cityscapes", "cityscapes", "mask"],
  ["coco_instances", "coco", "mask"],
  ["coco_panoptic", "panoptic", "mask"],
  ["cvat", "cvat", "mask"],
  ["datumaro", "datumaro", "mask"],
  ["kaggle_rle", "kaggle", "region"],
  ["kitti_detection", "kitti", "box"],
  ["kitti_segmentation", "kitti", "mask"],
  ["label_me", "labelme-xml", "mask"],
  ["label_me-mask", "labelme-xml", "mask"],
  ["label_studio", "labelstudio", "mask"],
  ["mvtec_segmentation", "mask-images", "binary"],
  ["open_images", "openimages", "box"],
  ["segment_anything", "sa1b", "region"],
  ["via", "via", "mask"],
  ["voc", "voc", "mask"],
  ["voc_detection", "voc", "box"],
  ["voc_segmentation", "voc", "mask"],
  ["yolo", "yolo", "box"],
];

/** Tools fill polygons by different rules at edges. */
function isNear(found: number, wanted: number, slack: number): boolean {
  return Math.abs(found - wanted) <= slack;
}

function areaOf({ segmentation, area }: Annotation): number {
  return segmentation ? rleArea(segmentation) : area;
}

describe.skipIf(!isThere)(`folders of other tools in ${folder}`, () => {
  it("all are in the table", () => {
    expect(formats).toHaveLength(20);
  });

  it.each(formats)("%s is %s", async (set, format, kind) => {
    const source = await openDataset(join(folder, set), { onLoss: () => {} });
    expect(source.format).toBe(format);
    const out = join(await makeTemporaryFolder(), "coco");
    const report = await convert(source, "coco", out);
    expect(report).toMatchObject({ images: 2, imageFiles: 2 });
    const read = await openDataset(out);
    const names = new Map(read.categories.map(({ id, name }) => [id, name]));
    for await (const { image, annotations } of read.records()) {
      const stem = image.fileName.replace(/^.*\//, "").replace(/(_leftImg8bit)?\.[a-z]+$/, "");
      const wanted = truth.find(({ file }) => file === stem)!.objects;
      if (kind === "binary") {
        expect(annotations.map(areaOf)).toEqual([wanted[0]!.area_of_polygon_mask]);
        continue;
      }
      expect(annotations).toHaveLength(wanted.length);
      for (const object of wanted) {
        const [, , width, height] = object.bbox_xywh as [number, number, number, number];
        const found = annotations.filter(
          ({ categoryId }) => kind === "region" || names.get(categoryId!) === object.class,
        );
        const isRight = (annotation: Annotation): boolean => {
          if (annotation.segmentation) return isNear(areaOf(annotation), object.area_of_polygon_mask, 45);
          return (
            isNear(areaOf(annotation), width * height, 0.5) &&
            annotation.bboxXywh.every((value, i) => isNear(value, object.bbox_xywh[i]!, 0.02))
          );
        };
        expect(found.some(isRight), `${stem}: ${object.class} among ${JSON.stringify(found)}`).toBe(true);
      }
      if (kind === "box")
        expect(annotations.every(({ segmentation }) => segmentation === undefined)).toBe(true);
    }
  });
});

if (!isThere) it("folders of other tools", (context) => context.skip(`needs ${folder} (SEGANY_SHARED)`));
