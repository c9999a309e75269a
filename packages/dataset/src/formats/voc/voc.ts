/** Pascal VOC: what its pair of label maps and its XML say of one image, and how to write them. */
import { type Rle, rleArea } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import {
  firstPixel,
  forEachPixel,
  type LabelMap,
  paintLabelMap,
  splitLabelMap,
} from "../../masks/label-map.js";
import { type Annotation, type DatasetRecord, hasMask, type ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { ClassList } from "../class-list.js";
import type { Feature } from "../features.js";
import type { LossCounter } from "../losses.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { type VocObject, vocRemarks } from "./voc-xml.js";

/**
 * What VOC's files can hold; regions to ignore become void pixels, as far as they aren't hidden by objects.
 */
export const vocHolds: ReadonlySet<Feature> = new Set<Feature>([
  "bareBoxes",
  "boxes",
  "categories",
  "exactMasks",
  "holes",
  "parts",
  "sameNames",
]);

/**
 * The number of pixels that belong to nothing in particular: borders between objects, and what is too hard.
 */
export const voidLabel = 255;
/** Numbers 1 to this are objects or classes. */
export const maxVocLabel = 254;

/** The classes of VOC 2005 to 2012, in the order of their numbers from 1. */
export const vocClassNames: readonly string[] = [
  "aeroplane",
  "bicycle",
  "bird",
  "boat",
  "bottle",
  "bus",
  "car",
  "cat",
  "chair",
  "cow",
  "diningtable",
  "dog",
  "horse",
  "motorbike",
  "person",
  "pottedplant",
  "sheep",
  "sofa",
  "train",
  "tvmonitor",
];

/** One image's masks. */
export type VocMasks = Pick<DatasetRecord, "annotations" | "ignoreRegions">;

/**
 * Puts objects together: the mask from the map of objects, the class from the map of classes, box and remarks
 * from the XML's object of the same place, where its class agrees. Without a map of objects each class is one
 * mask. The XML's other objects are boxes alone.
 *
 * @param where what to call the image in an error message
 * @throws DatasetError `annotation-invalid`
 */
export function toVocMasks(
  classMap: LabelMap,
  objectMap: LabelMap | undefined,
  objects: readonly (VocObject | undefined)[],
  classNames: readonly string[],
  where: string,
  takers: ReadTakers = {},
): VocMasks {
  if (objectMap && (objectMap.width !== classMap.width || objectMap.height !== classMap.height)) {
    throw new DatasetError(
      "annotation-invalid",
      `${where}: the map of objects is ${objectMap.width} x ${objectMap.height} pixels, that of classes ${classMap.width} x ${classMap.height}.`,
    );
  }
  const annotations: Annotation[] = [];
  let voidRegion: Rle | undefined;
  for (const [label, segmentation] of splitLabelMap(objectMap ?? classMap)) {
    if (label === 0) continue;
    if (label === voidLabel) {
      voidRegion = segmentation;
      continue;
    }
    const classLabel = objectMap ? classMap.data[firstPixel(segmentation)]! : label;
    const name = classNames[classLabel - 1];
    if (name === undefined)
      throw new DatasetError(
        "annotation-invalid",
        `${where}: the class number ${classLabel} is none of the ${classNames.length} classes; give their names in labelmap.txt or class_names.txt.`,
      );
    const described = objectMap ? objects[label - 1] : undefined;
    const { bboxXywh, extra } = described?.name === name ? described : {};
    annotations.push(
      newAnnotation(label, segmentation, {
        categoryId: classLabel,
        ...(bboxXywh && { bboxXywh }),
        ...(extra && { extra }),
      }),
    );
  }
  const masked = new Set(objectMap ? annotations.map(({ id }) => id) : []);
  const others = objects.map((object, i) => (masked.has(i + 1) ? undefined : object));
  annotations.push(...toVocBoxes(others, classNames, where, takers));
  return { annotations, ...(voidRegion && { ignoreRegions: [{ segmentation: voidRegion }] }) };
}

/**
 * The boxes of objects without a mask; ids are their places in the file, from 1.
 *
 * @param where what to call the image in an error message
 * @param takers of objects without a box, which are left out; thrown by default
 * @throws DatasetError `annotation-invalid`
 */
export function toVocBoxes(
  objects: readonly (VocObject | undefined)[],
  classNames: readonly string[],
  where: string,
  { onProblem }: ReadTakers = {},
): Annotation[] {
  return objects.flatMap((object, i) => {
    if (!object) return [];
    const { name, bboxXywh, extra } = object;
    if (!bboxXywh) {
      const place = `${where}, object ${i + 1}`;
      const reason = `${place} ("${name}") has neither a box with corners nor a mask.`;
      setAside(new DatasetError("annotation-invalid", reason), place, onProblem);
      return [];
    }
    return [newBox(i + 1, bboxXywh, { categoryId: classNames.indexOf(name) + 1, ...(extra && { extra }) })];
  });
}

/** An image's masks as VOC's two maps. */
export interface VocMaps {
  readonly classMap: LabelMap;
  readonly objectMap: LabelMap;
  /** In the order of the numbers in the map of objects, from 1; boxes without a mask come after these. */
  readonly objects: readonly { readonly annotation: Annotation; readonly className: string }[];
}

/**
 * Paints the maps and counts what they can't hold.
 *
 * @throws DatasetError `dataset-too-large` for more than 254 classes
 */
export function toVocMaps(record: DatasetRecord, classes: ClassList, losses: LossCounter): VocMaps {
  const { image, annotations, ignoreRegions = [] } = record;
  countLosses(record, losses);
  const bareBoxes = annotations.filter((annotation) => !hasMask(annotation));
  const withPixels = annotations.filter(hasMask).filter(({ segmentation }) => rleArea(segmentation) > 0);
  losses.add("annotations", Math.max(0, withPixels.length - maxVocLabel));
  const kept = withPixels.slice(0, maxVocLabel);
  const numbers = kept.map(({ categoryId }) => classes.numberOf(categoryId) + 1);
  const layers = kept.map(({ segmentation }, i) => ({ segmentation, label: i + 1 }));
  const { map, sharedPixels } = paintLabelMap(image, layers, 8);
  losses.add("overlaps", sharedPixels);
  for (const { segmentation } of ignoreRegions) {
    forEachPixel(segmentation, (pixel) => {
      if (map.data[pixel] === 0) map.data[pixel] = voidLabel;
    });
  }
  checkClassCount(classes.names.length);
  // Boxes have the name of their class alone, masks its number.
  const isAmbiguous = ({ categoryId }: Annotation): boolean => {
    const number = classes.numberOf(categoryId);
    return classes.names.indexOf(classes.names[number]!) !== number;
  };
  losses.addChanged("sameNames", bareBoxes.filter(isAmbiguous).length);
  const classOf = Uint8Array.from({ length: 256 }, (_, label) => numbers[label - 1] ?? label);
  return {
    objectMap: map,
    classMap: { ...map, data: map.data.map((label) => classOf[label]!) },
    objects: [
      ...kept.map((annotation, i) => ({ annotation, className: classes.names[numbers[i]! - 1]! })),
      ...bareBoxes.map((annotation) => ({
        annotation,
        className: classes.names[classes.numberOf(annotation.categoryId)]!,
      })),
    ],
  };
}

/**
 * Regions to ignore are kept as void pixels and VOC's remarks in the XML, so only what else they have is
 * lost.
 */
function countLosses({ image, annotations, ignoreRegions = [] }: DatasetRecord, losses: LossCounter): void {
  losses.addRecord({
    image,
    annotations: annotations.map(({ extra, ...annotation }) => {
      const rest = extra && Object.keys(extra).some((key) => !vocRemarks.has(key));
      return rest ? { ...annotation, extra } : annotation;
    }),
  });
  // All void pixels of an image are one region when they are read back.
  losses.add("ignoreRegions", Math.max(0, ignoreRegions.length - 1));
}

function checkClassCount(count: number): void {
  if (count <= maxVocLabel) return;
  throw new DatasetError(
    "dataset-too-large",
    `The data set has ${count} classes, but VOC's PNGs have numbers for ${maxVocLabel}; drop or merge some first.`,
  );
}
