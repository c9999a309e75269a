import {
  type Annotation,
  type Dataset,
  type DatasetImage,
  type DatasetRecord,
  hasMask,
  type MaskAnnotation,
  type RecordsOptions,
} from "../record.js";
import { createHistogram, type Histogram, type HistogramBuilder } from "./histogram.js";
import { measureMask } from "./measure-mask.js";

/** How many images have how many masks. */
export interface MasksPerImage {
  readonly mean: number;
  readonly highest: number;
  /** The classes of the paper's figure 6 with an own one for none, by their lowest number of masks. */
  readonly classes: readonly {
    readonly from: number;
    readonly to: number | undefined;
    readonly images: number;
  }[];
}

/** How often a class occurs. */
export interface CategoryCount {
  readonly id: number;
  readonly name: string;
  readonly masks: number;
  readonly images: number;
}

/** What a data set is like, as in the paper's figures 5 and 6. */
export interface DatasetStatistics {
  readonly name: string;
  readonly format: string;
  readonly images: number;
  /** All objects; those of `bareBoxes` have no mask. */
  readonly masks: number;
  readonly bareBoxes: number;
  readonly crowds: number;
  readonly emptyMasks: number;
  readonly ignoreRegions: number;
  /** Pixels; mean over images. */
  readonly meanImageSize: { readonly width: number; readonly height: number };
  readonly masksPerImage: MasksPerImage;
  /** sqrt(mask area / image area), 0..1. */
  readonly relativeSize: Histogram;
  /** 1 - mask area / area of its convex hull, 0..1. */
  readonly concavity: Histogram;
  /** Where masks have their centres, both sides of the image 0..1: rows of counts from the top. */
  readonly centres: readonly (readonly number[])[];
  /** Most masks first; empty without classes. */
  readonly categories: readonly CategoryCount[];
  readonly predictedIou?: Histogram;
  readonly stabilityScore?: Histogram;
}

/** Numbers of masks an image at which the paper's classes begin. */
const masksPerImageFrom = [0, 1, 11, 51, 101, 201] as const;
const histogramClasses = 50;
const centreCells = 32;

/**
 * Counts a data set in one pass; memory doesn't grow with it. Empty masks have no size, shape and place and
 * are counted by themselves.
 *
 * @throws DatasetError `aborted` and whatever reading throws
 *
 * @example
 * const { images, masks } = await collectStatistics(dataset);
 * console.log(images, masks); // 2 3
 */
export async function collectStatistics(
  dataset: Dataset,
  options: RecordsOptions = {},
): Promise<DatasetStatistics> {
  const counts = beginCounts(dataset);
  for await (const record of dataset.records(options)) countRecord(counts, record);
  return { name: dataset.name, format: dataset.format, ...summarise(counts) };
}

/** What is counted so far. */
interface Counts {
  images: number;
  masks: number;
  bareBoxes: number;
  crowds: number;
  emptyMasks: number;
  ignoreRegions: number;
  /** Sums over images, pixels. */
  width: number;
  height: number;
  mostMasks: number;
  /** Images in each class of `masksPerImageFrom`. */
  readonly masksPerImage: number[];
  readonly relativeSize: HistogramBuilder;
  readonly concavity: HistogramBuilder;
  readonly centres: number[][];
  readonly categories: ReadonlyMap<number, { id: number; name: string; masks: number; images: number }>;
  predictedIou?: HistogramBuilder;
  stabilityScore?: HistogramBuilder;
}

function beginCounts({ categories }: Dataset): Counts {
  return {
    images: 0,
    masks: 0,
    bareBoxes: 0,
    crowds: 0,
    emptyMasks: 0,
    ignoreRegions: 0,
    width: 0,
    height: 0,
    mostMasks: 0,
    masksPerImage: masksPerImageFrom.map(() => 0),
    relativeSize: newHistogram(),
    concavity: newHistogram(),
    centres: Array.from({ length: centreCells }, () => new Array<number>(centreCells).fill(0)),
    categories: new Map(categories.map(({ id, name }) => [id, { id, name, masks: 0, images: 0 }])),
  };
}

function newHistogram(): HistogramBuilder {
  return createHistogram(0, 1, histogramClasses);
}

function countRecord(counts: Counts, { image, annotations, ignoreRegions = [] }: DatasetRecord): void {
  counts.images++;
  counts.width += image.width;
  counts.height += image.height;
  counts.masks += annotations.length;
  counts.ignoreRegions += ignoreRegions.length;
  counts.mostMasks = Math.max(counts.mostMasks, annotations.length);
  counts.masksPerImage[masksPerImageFrom.findLastIndex((from) => annotations.length >= from)]! += 1;
  countCategories(counts, annotations);
  for (const annotation of annotations) {
    if (annotation.isCrowd) counts.crowds++;
    countScores(counts, annotation);
    if (hasMask(annotation)) countMask(counts, annotation, image);
    else counts.bareBoxes++;
  }
}

function countCategories({ categories }: Counts, annotations: readonly Annotation[]): void {
  const seen = new Set<number>();
  for (const { categoryId } of annotations) {
    const category = categoryId === undefined ? undefined : categories.get(categoryId);
    if (!category) continue;
    category.masks++;
    if (!seen.has(category.id)) category.images++;
    seen.add(category.id);
  }
}

function countScores(counts: Counts, { predictedIou, stabilityScore }: Annotation): void {
  if (predictedIou !== undefined) {
    counts.predictedIou ??= newHistogram();
    counts.predictedIou.add(predictedIou);
  }
  if (stabilityScore !== undefined) {
    counts.stabilityScore ??= newHistogram();
    counts.stabilityScore.add(stabilityScore);
  }
}

function countMask(counts: Counts, { segmentation }: MaskAnnotation, { width, height }: DatasetImage): void {
  const { area, centre, hullArea } = measureMask(segmentation);
  if (area === 0) {
    counts.emptyMasks++;
    return;
  }
  counts.relativeSize.add(Math.sqrt(area / (width * height)));
  counts.concavity.add(1 - area / hullArea);
  const row = Math.floor((centre[1] / height) * centreCells);
  const column = Math.floor((centre[0] / width) * centreCells);
  counts.centres[row]![column]! += 1;
}

function summarise(counts: Counts): Omit<DatasetStatistics, "name" | "format"> {
  const { images, masks, bareBoxes, crowds, emptyMasks, ignoreRegions, width, height, mostMasks, centres } =
    counts;
  const { predictedIou, stabilityScore } = counts;
  return {
    images,
    masks,
    bareBoxes,
    crowds,
    emptyMasks,
    ignoreRegions,
    meanImageSize: { width: width / Math.max(1, images), height: height / Math.max(1, images) },
    masksPerImage: {
      mean: masks / Math.max(1, images),
      highest: mostMasks,
      classes: masksPerImageFrom.map((from, i) => {
        const next = masksPerImageFrom[i + 1];
        return { from, to: next === undefined ? undefined : next - 1, images: counts.masksPerImage[i]! };
      }),
    },
    relativeSize: counts.relativeSize.build(),
    concavity: counts.concavity.build(),
    centres,
    categories: [...counts.categories.values()].sort((a, b) => b.masks - a.masks || a.id - b.id),
    ...(predictedIou && { predictedIou: predictedIou.build() }),
    ...(stabilityScore && { stabilityScore: stabilityScore.build() }),
  };
}
