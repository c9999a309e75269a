import { rleArea } from "@segany/masks";
import { DatasetError } from "../errors.js";
import type { Annotation, Dataset, DatasetImage } from "../record.js";
import { deriveDataset } from "./derive-dataset.js";
import { fileNamePattern } from "./file-name-pattern.js";

/**
 * Which masks and images stay. All that are given must hold; a mask without a value that is asked for goes.
 */
export interface FilterOptions {
  /** Names of classes to keep. */
  readonly categories?: readonly string[] | undefined;
  /** Names of classes to drop. */
  readonly dropCategories?: readonly string[] | undefined;
  /** Annotators to keep, by name or number, where several drew the same images. */
  readonly annotators?: readonly string[] | undefined;
  /** Pixels of the mask, or of a box without one. */
  readonly minAreaPx?: number | undefined;
  readonly maxAreaPx?: number | undefined;
  /** sqrt(mask area / image area), as in the paper's figure 6. */
  readonly minRelativeSize?: number | undefined;
  readonly maxRelativeSize?: number | undefined;
  readonly minPredictedIou?: number | undefined;
  readonly minStabilityScore?: number | undefined;
  /** Drops masks of crowds. */
  readonly dropCrowds?: boolean | undefined;
  /** Pixels of both sides of the image. */
  readonly minSidePx?: number | undefined;
  readonly maxSidePx?: number | undefined;
  /** Masks that an image must have after all masks were looked at. */
  readonly minMasks?: number | undefined;
  readonly maxMasks?: number | undefined;
  /** A part of the file name, or `*` for anything: `train/*.jpg`. */
  readonly fileName?: string | undefined;
}

/**
 * Leaves out masks and images. Classes stay in the list even when none of their masks does, so that their
 * numbers don't change in formats that count them.
 *
 * @throws DatasetError `option-invalid` for a class that isn't there, and for limits that nothing can be
 * within
 *
 * @example
 * const { masks } = await collectStatistics(filterDataset(dataset, { minAreaPx: 150 }));
 * console.log(masks); // 2
 */
export function filterDataset(dataset: Dataset, options: FilterOptions): Dataset {
  checkRange("mask area", options.minAreaPx, options.maxAreaPx);
  checkRange("relative size", options.minRelativeSize, options.maxRelativeSize);
  checkRange("side", options.minSidePx, options.maxSidePx);
  checkRange("number of masks", options.minMasks, options.maxMasks);
  const keep = categoryIdsOf(dataset, options.categories);
  const drop = categoryIdsOf(dataset, options.dropCategories);
  const hasName = options.fileName === undefined ? () => true : fileNamePattern(options.fileName);
  const { minMasks = 0, maxMasks = Number.POSITIVE_INFINITY } = options;
  return deriveDataset(dataset, () => (record) => {
    const { image } = record;
    if (!hasName(image.fileName) || !hasSides(image, options)) return undefined;
    const annotations = record.annotations.filter(
      (annotation) => hasClass(annotation, keep, drop) && fits(annotation, image, options),
    );
    if (annotations.length < minMasks || annotations.length > maxMasks) return undefined;
    return { ...record, annotations };
  });
}

function checkRange(
  what: string,
  lowest = Number.NEGATIVE_INFINITY,
  highest = Number.POSITIVE_INFINITY,
): void {
  if (lowest <= highest) return;
  throw new DatasetError(
    "option-invalid",
    `The least ${what} is ${lowest} and the greatest ${highest}; nothing is between them.`,
  );
}

function categoryIdsOf(
  { categories }: Dataset,
  names: readonly string[] | undefined,
): Set<number> | undefined {
  if (!names) return undefined;
  return new Set(names.map((name) => categoryIdOf(categories, name)));
}

/**
 * Finds a class by its name.
 *
 * @throws DatasetError `option-invalid`
 */
export function categoryIdOf(categories: Dataset["categories"], name: string): number {
  const category = categories.find((candidate) => candidate.name === name);
  if (category) return category.id;
  const known = categories.length === 0 ? "it has no classes" : `classes are ${namesOf(categories)}`;
  throw new DatasetError("option-invalid", `The data set has no class "${name}"; ${known}.`);
}

function namesOf(categories: Dataset["categories"]): string {
  const names = categories.slice(0, 30).map(({ name }) => name);
  return names.join(", ") + (categories.length > names.length ? ", …" : "");
}

function hasSides(
  { width, height }: DatasetImage,
  { minSidePx = 0, maxSidePx = Number.POSITIVE_INFINITY }: FilterOptions,
): boolean {
  return Math.min(width, height) >= minSidePx && Math.max(width, height) <= maxSidePx;
}

function hasClass(
  { categoryId }: Annotation,
  keep: ReadonlySet<number> | undefined,
  drop: ReadonlySet<number> | undefined,
): boolean {
  if (categoryId === undefined) return keep === undefined;
  return (keep?.has(categoryId) ?? true) && !drop?.has(categoryId);
}

function fits(annotation: Annotation, { width, height }: DatasetImage, options: FilterOptions): boolean {
  if (options.dropCrowds && annotation.isCrowd) return false;
  if (options.annotators && !options.annotators.includes(String(annotation.annotator))) return false;
  if (!isWithin(annotation.predictedIou, options.minPredictedIou, undefined)) return false;
  if (!isWithin(annotation.stabilityScore, options.minStabilityScore, undefined)) return false;
  const { minAreaPx, maxAreaPx, minRelativeSize, maxRelativeSize } = options;
  if ([minAreaPx, maxAreaPx, minRelativeSize, maxRelativeSize].every((limit) => limit === undefined))
    return true;
  const area = annotation.segmentation ? rleArea(annotation.segmentation) : annotation.area;
  const relativeSize = Math.sqrt(area / (width * height));
  return isWithin(area, minAreaPx, maxAreaPx) && isWithin(relativeSize, minRelativeSize, maxRelativeSize);
}

function isWithin(
  value: number | undefined,
  lowest: number | undefined,
  highest: number | undefined,
): boolean {
  if (lowest === undefined && highest === undefined) return true;
  return value !== undefined && value >= (lowest ?? value) && value <= (highest ?? value);
}
