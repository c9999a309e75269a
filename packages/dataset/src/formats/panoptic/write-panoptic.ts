import { rleArea, rleToBoxXywh } from "@segany/masks";
import { encode } from "fast-png";
import { paintLabelMap } from "../../masks/label-map.js";
import type { Category, MaskAnnotation, MaskRecord } from "../../record.js";
import { classlessName } from "../class-list.js";
import type { Feature } from "../features.js";
import type { DatasetWriter } from "../format.js";
import type { LossCounter } from "../losses.js";
import { oneFileWriter } from "../write-one-file.js";

/** What COCO panoptic can hold; areas and boxes are those of the pixels. */
export const panopticHolds: ReadonlySet<Feature> = new Set<Feature>([
  "categories",
  "categoryIds",
  "crowd",
  "exactMasks",
  "holes",
  "isThing",
  "parts",
  "supercategories",
]);

/** Numbers of two bytes, as a label map has. */
const maxSegments = 65_535;

/** COCO panoptic: `annotations/panoptic.json`, `annotations/panoptic/….png`, images in `images/`. */
export const panopticWriter: DatasetWriter = oneFileWriter("panoptic", ({ categories }) => {
  const classless = categories.find(({ name }) => name === classlessName) ?? {
    id: categories.reduce((highest, { id }) => Math.max(highest, id), 0) + 1,
    name: classlessName,
  };
  const images: string[] = [];
  let usesClassless = false;
  return {
    holds: panopticHolds,
    imageFolder: "images",
    byStem: true,
    fileName: "annotations/panoptic.json",
    begin: '{\n"annotations": [',
    *filesOf(record, { stem }, losses) {
      yield { name: `annotations/panoptic/${stem}.png`, data: segmentPng(record, losses) };
    },
    entryOf({ image, annotations }, { index, stem }) {
      const { width, height, fileName } = image;
      images.push(JSON.stringify({ id: index + 1, file_name: fileName, width, height }));
      const segments = withPixels(annotations).map((annotation, i) => {
        usesClassless ||= annotation.categoryId === undefined;
        return {
          id: i + 1,
          category_id: annotation.categoryId ?? classless.id,
          area: rleArea(annotation.segmentation),
          bbox: rleToBoxXywh(annotation.segmentation),
          iscrowd: annotation.isCrowd ? 1 : 0,
        };
      });
      const entry = { image_id: index + 1, file_name: `${stem}.png`, segments_info: segments };
      return `${index === 0 ? "" : ","}\n${JSON.stringify(entry)}`;
    },
    end() {
      const isNew = usesClassless && !categories.includes(classless);
      const list = (isNew ? [...categories, classless] : categories).map(toJson);
      return `\n],\n"images": [\n${images.join(",\n")}\n],\n"categories": ${JSON.stringify(list)}\n}\n`;
    },
  };
});

function toJson({ id, name, supercategory, isThing = true }: Category): object {
  return { id, name, supercategory: supercategory ?? "", isthing: isThing ? 1 : 0 };
}

function withPixels(annotations: readonly MaskAnnotation[]): MaskAnnotation[] {
  return annotations.filter(({ segmentation }) => rleArea(segmentation) > 0).slice(0, maxSegments);
}

/** A segment's number is red + 256 green; pixels of several masks go to the smallest. */
function segmentPng({ image, annotations }: MaskRecord, losses: LossCounter): Uint8Array {
  const kept = withPixels(annotations);
  const drawn = annotations.filter(({ segmentation }) => rleArea(segmentation) > 0).length;
  losses.add("annotations", drawn - kept.length);
  const layers = kept.map(({ segmentation }, i) => ({ segmentation, label: i + 1 }));
  const { map, sharedPixels } = paintLabelMap(image, layers, 16);
  losses.add("overlaps", sharedPixels);
  const { width, height } = map;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < map.data.length; i++) {
    data[3 * i] = map.data[i]! & 255;
    data[3 * i + 1] = map.data[i]! >> 8;
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}
