import type { Dataset, DatasetRecord, RecordsOptions } from "../record.js";
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
  readonly masks: number;
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
 * Counts a data set in one pass; memory doesn't grow with it. Empty masks have no size, shape and place and are counted
 * by themselves.
 *
 * @throws DatasetError `aborted` and whatever reading throws
 */
export async function collectStatistics(
  dataset: Dataset,
  options: RecordsOptions = {},
): Promise<DatasetStatistics> {
  const counter = createCounter(dataset);
  for await (const record of dataset.records(options)) counter.add(record);
  return counter.build();
}

interface Totals {
  images: number;
  masks: number;
  crowds: number;
  emptyMasks: number;
  ignoreRegions: number;
  width: number;
  height: number;
  highest: number;
}

function createCounter({ name, format, categories }: Dataset) {
  const totals: Totals = {
    images: 0,
    masks: 0,
    crowds: 0,
    emptyMasks: 0,
    ignoreRegions: 0,
    width: 0,
    height: 0,
    highest: 0,
  };
  const perImage = masksPerImageFrom.map(() => 0);
  const centres = Array.from({ length: centreCells }, () => new Array<number>(centreCells).fill(0));
  const relativeSize = createHistogram(0, 1, histogramClasses);
  const concavity = createHistogram(0, 1, histogramClasses);
  const predictedIou = createOptionalHistogram();
  const stabilityScore = createOptionalHistogram();
  const byCategory = new Map(categories.map(({ id, name }) => [id, { id, name, masks: 0, images: 0 }]));

  function add({ image, annotations, ignoreRegions = [] }: DatasetRecord): void {
    totals.images++;
    totals.width += image.width;
    totals.height += image.height;
    totals.masks += annotations.length;
    totals.ignoreRegions += ignoreRegions.length;
    totals.highest = Math.max(totals.highest, annotations.length);
    perImage[masksPerImageFrom.findLastIndex((from) => annotations.length >= from)]! += 1;
    const seen = new Set<number>();
    for (const annotation of annotations) {
      if (annotation.isCrowd) totals.crowds++;
      predictedIou.add(annotation.predictedIou);
      stabilityScore.add(annotation.stabilityScore);
      const category =
        annotation.categoryId === undefined ? undefined : byCategory.get(annotation.categoryId);
      if (category) {
        category.masks++;
        if (!seen.has(category.id)) category.images++;
        seen.add(category.id);
      }
      const { area, centre, hullArea } = measureMask(annotation.segmentation);
      if (area === 0) {
        totals.emptyMasks++;
        continue;
      }
      relativeSize.add(Math.sqrt(area / (image.width * image.height)));
      concavity.add(1 - area / hullArea);
      const row = Math.floor((centre[1] / image.height) * centreCells);
      const column = Math.floor((centre[0] / image.width) * centreCells);
      centres[row]![column]! += 1;
    }
  }

  function build(): DatasetStatistics {
    const { images, width, height, highest, ...counts } = totals;
    return {
      name,
      format,
      images,
      ...counts,
      meanImageSize: { width: width / Math.max(1, images), height: height / Math.max(1, images) },
      masksPerImage: {
        mean: counts.masks / Math.max(1, images),
        highest,
        classes: masksPerImageFrom.map((from, i) => {
          const next = masksPerImageFrom[i + 1];
          return { from, to: next === undefined ? undefined : next - 1, images: perImage[i]! };
        }),
      },
      relativeSize: relativeSize.build(),
      concavity: concavity.build(),
      centres,
      categories: [...byCategory.values()].sort((a, b) => b.masks - a.masks || a.id - b.id),
      ...predictedIou.build("predictedIou"),
      ...stabilityScore.build("stabilityScore"),
    };
  }
  return { add, build };
}

/** A histogram of 0..1 that is only there when a value was. */
function createOptionalHistogram() {
  let histogram: HistogramBuilder | undefined;
  return {
    add(value: number | undefined): void {
      if (value === undefined) return;
      histogram ??= createHistogram(0, 1, histogramClasses);
      histogram.add(value);
    },
    build<Name extends string>(name: Name): { [key in Name]?: Histogram } {
      return (histogram ? { [name]: histogram.build() } : {}) as { [key in Name]?: Histogram };
    },
  };
}
