import { type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import { encode } from "fast-png";
import { type LabelMap, paintLabelMap, splitLabelMap } from "../../masks/label-map.js";
import { stemOf } from "../../names/file-names.js";
import type { Category, MaskAnnotation, MaskRecord } from "../../record.js";
import { classlessName } from "../class-list.js";
import type { Feature } from "../features.js";
import type { DatasetWriter } from "../format.js";
import type { LossCounter } from "../losses.js";
import { partFileName } from "../part-file-name.js";
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
  "sameNames",
  "supercategories",
]);

/** Numbers of two bytes, as a label map has. */
const maxSegments = 65_535;

/** COCO panoptic: `annotations/panoptic_PART.json`, PNGs in `annotations/panoptic_PART/`, `images/`. */
export const panopticWriter: DatasetWriter = oneFileWriter("panoptic", (dataset) => {
  const { categories } = dataset;
  const fileName = partFileName("panoptic_", dataset);
  const classless = categories.find(({ name }) => name === classlessName) ?? {
    id: categories.reduce((highest, { id }) => Math.max(highest, id), 0) + 1,
    name: classlessName,
  };
  const images: string[] = [];
  let usesClassless = false;
  let segments: readonly Segment[] = [];
  return {
    holds: panopticHolds,
    imageFolder: "images",
    byStem: true,
    fileName,
    begin: '{\n"annotations": [',
    *filesOf(record, { stem }, losses) {
      const map = paintSegments(record, losses);
      segments = segmentsOf(map, record.annotations);
      yield { name: `${stemOf(fileName)}/${stem}.png`, data: segmentPng(map) };
    },
    entryOf({ image }, { index, stem }) {
      const { width, height, fileName } = image;
      images.push(JSON.stringify({ id: index + 1, file_name: fileName, width, height }));
      const segments_info = segments.map(({ id, annotation, drawn }) => {
        usesClassless ||= annotation.categoryId === undefined;
        return {
          id,
          category_id: annotation.categoryId ?? classless.id,
          area: rleArea(drawn),
          bbox: rleToBoxXywh(drawn),
          iscrowd: annotation.isCrowd ? 1 : 0,
        };
      });
      const entry = { image_id: index + 1, file_name: `${stem}.png`, segments_info };
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

/** A mask, and what of it is drawn. */
interface Segment {
  readonly id: number;
  readonly annotation: MaskAnnotation;
  readonly drawn: Rle;
}

/** Masks are numbered from 1; pixels of several go to the smallest. */
function paintSegments({ image, annotations }: MaskRecord, losses: LossCounter): LabelMap {
  losses.add("annotations", Math.max(0, annotations.length - maxSegments));
  const layers = annotations
    .slice(0, maxSegments)
    .map(({ segmentation }, i) => ({ segmentation, label: i + 1 }));
  const { map, sharedPixels } = paintLabelMap(image, layers, 16);
  losses.add("overlaps", sharedPixels);
  return map;
}

/** Masks that others hide are none: COCO's tools refuse a segment that the PNG doesn't have. */
function segmentsOf(map: LabelMap, annotations: readonly MaskAnnotation[]): Segment[] {
  const masks = splitLabelMap(map);
  return annotations.flatMap((annotation, i) => {
    const drawn = masks.get(i + 1);
    return drawn ? [{ id: i + 1, annotation, drawn }] : [];
  });
}

/** A segment's number is red + 256 green. */
function segmentPng({ width, height, data: labels }: LabelMap): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < labels.length; i++) {
    data[3 * i] = labels[i]! & 255;
    data[3 * i + 1] = labels[i]! >> 8;
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}
