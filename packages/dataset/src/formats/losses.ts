import { rleArea, rleToBoxXywh } from "@segany/masks";
import {
  type Annotation,
  type Category,
  type Dataset,
  type DatasetImage,
  type DatasetRecord,
  hasMask,
  type MaskAnnotation,
} from "../record.js";
import { type Feature, features, type Loss } from "./features.js";

/** Counts what a target format cannot hold while a data set passes through. */
export interface LossCounter {
  /** Counts what an image and its annotations have beyond `holds`. */
  addRecord(record: DatasetRecord): void;
  /** Counts what only the writer can know, such as filled holes. Does nothing for what the format holds. */
  add(feature: Feature, count?: number): void;
  /**
   * Counts what the format holds in general but had to be changed here, such as a number that was there
   * twice.
   */
  addChanged(feature: Feature, count?: number): void;
  /** Most frequent first. */
  list(): Loss[];
}

/**
 * Begins counting with what the data set itself has beyond `holds`: info, licences, classes' fields.
 *
 * Whether masks overlap, have holes or several parts is not looked at here: the writer that drops them counts
 * them.
 *
 * @example
 * const records = [{ image: { id: 1, fileName: "a.jpg", width: 64, height: 48 }, annotations: [] }];
 * const losses = createLossCounter(datasetFromRecords(records), new Set());
 * losses.add("holes", 2);
 * console.log(losses.list()); // [ { feature: 'holes', what: 'holes in masks', count: 2 } ]
 */
export function createLossCounter(dataset: Dataset, holds: ReadonlySet<Feature>): LossCounter {
  const counts = new Map<Feature, number>();
  const add = (feature: Feature, count = 1): void => {
    if (count > 0 && !holds.has(feature)) counts.set(feature, (counts.get(feature) ?? 0) + count);
  };
  const addAll = (names: Iterable<Feature>): void => {
    for (const name of names) add(name);
  };
  addAll(featuresOfDataset(dataset));
  // Where there is no place for classes at all, losing them is said once, not for each of their fields too.
  if (holds.has("categories")) {
    for (const category of dataset.categories) addAll(featuresOfCategory(category));
    add("sameNames", dataset.categories.length - new Set(dataset.categories.map(({ name }) => name)).size);
  }
  return {
    add,
    addChanged(feature, count = 1) {
      if (count > 0) counts.set(feature, (counts.get(feature) ?? 0) + count);
    },
    addRecord({ image, annotations, ignoreRegions }) {
      addAll(featuresOfImage(image));
      for (const annotation of annotations) addAll(featuresOfAnnotation(annotation, holds));
      add("ignoreRegions", ignoreRegions?.length ?? 0);
    },
    list: () =>
      [...counts]
        .map(([feature, count]) => ({ feature, what: features[feature], count }))
        .sort((a, b) => b.count - a.count || (a.feature < b.feature ? -1 : 1)),
  };
}

function* featuresOfDataset({ info, licenses }: Dataset): Iterable<Feature> {
  if (info && Object.keys(info).length > 0) yield "info";
  if (licenses && licenses.length > 0) yield "licenses";
}

function* featuresOfCategory({ supercategory, extra, isThing }: Category): Iterable<Feature> {
  yield "categoryIds";
  if (supercategory !== undefined) yield "supercategories";
  if (isThing !== undefined) yield "isThing";
  if (extra !== undefined) yield "categoryExtra";
}

function* featuresOfImage(image: DatasetImage): Iterable<Feature> {
  yield "imageIds";
  if (image.extra !== undefined) yield "imageExtra";
  if (image.negCategoryIds || image.notExhaustiveCategoryIds) yield "lvisImageCategories";
}

function* featuresOfAnnotation(annotation: Annotation, holds: ReadonlySet<Feature>): Iterable<Feature> {
  yield "annotationIds";
  if (annotation.categoryId !== undefined) yield "categories";
  if (annotation.isCrowd) yield "crowd";
  if (annotation.predictedIou !== undefined) yield "predictedIou";
  if (annotation.stabilityScore !== undefined) yield "stabilityScore";
  if (annotation.cropBoxXywh !== undefined) yield "cropBoxes";
  if (annotation.pointCoords !== undefined) yield "pointCoords";
  if (annotation.annotator !== undefined) yield "annotator";
  if (annotation.isThing !== undefined) yield "isThing";
  if (annotation.polygons !== undefined) yield "polygons";
  if (annotation.extra !== undefined) yield "annotationExtra";
  if (!hasMask(annotation)) {
    yield "bareBoxes";
    return;
  }
  // Measuring a mask costs more than all the rest, so it is left out where the answer doesn't matter.
  if (!holds.has("areas") && annotation.area !== rleArea(annotation.segmentation)) yield "areas";
  if (!holds.has("boxes") && !isTightBox(annotation)) yield "boxes";
}

function isTightBox({ segmentation, bboxXywh }: MaskAnnotation): boolean {
  return rleToBoxXywh(segmentation).every((value, i) => value === bboxXywh[i]);
}
