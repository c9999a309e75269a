import {
  type Annotation,
  type Category,
  type Dataset,
  type DatasetImage,
  hasMask,
  type IgnoreRegion,
  type MaskAnnotation,
  openDataset,
} from "@segany/dataset";
import { EvaluationError } from "../errors.js";

/** A data set on disk, as the caller names it. */
export interface DatasetSource {
  readonly path: string;
  /** Format; found out from what lies at the path when absent. */
  readonly format?: string | undefined;
  /** Name in reports; the folder's own when absent. */
  readonly name?: string | undefined;
  /** Folder of image files where it isn't at the format's own place. */
  readonly images?: string | undefined;
  /** Encoding of the set's texts where it isn't UTF-8; by a name that browsers know, such as "gb18030". */
  readonly encoding?: string | undefined;
}

/** A data set that has been opened, under its name in reports. */
export interface EvaluationSet {
  readonly name: string;
  readonly path: string;
  readonly dataset: Dataset;
}

/** How samples are read, beside what the user chooses. */
export interface SampleReading {
  /** Passes over images without a file, and counts them. */
  readonly withFiles?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which images and masks are looked at. */
export interface SamplingSettings {
  /** The first so many images. */
  readonly limit?: number | undefined;
  /** At most so many masks an image, taken at equal steps through its list. */
  readonly maxMasks?: number | undefined;
  /** Only countable objects: the mask's own `isthing`, else its class's; what says neither is an object. */
  readonly thingsOnly?: boolean | undefined;
}

/** An image with the masks to score. */
export interface Sample {
  /** 0, 1, … within the set. */
  readonly index: number;
  readonly image: DatasetImage;
  readonly annotations: readonly MaskAnnotation[];
  /** The set's regions to ignore, and crowds: a crowd isn't one object, so it is never scored as one. */
  readonly ignoreRegions: readonly IgnoreRegion[];
}

/** How many masks were left out, and why. */
export interface SampleCounts {
  images: number;
  masks: number;
  /** Masks that are regions of many objects: taken as regions to ignore. */
  crowds: number;
  /** Masks without a pixel, and boxes without a mask. */
  empty: number;
  /** Stuff masks that `thingsOnly` leaves out. */
  stuff: number;
  /** Masks beyond `maxMasks`. */
  beyondMaxMasks: number;
  ignoreRegions: number;
  /** Images with masks whose file is not there. */
  missingImages: number;
}

/** Opens data sets; two of the same name get their numbers. */
export async function openSets(
  sources: readonly DatasetSource[],
  signal?: AbortSignal,
): Promise<EvaluationSet[]> {
  const sets: EvaluationSet[] = [];
  for (const { path, name, ...settings } of sources) {
    const dataset = await openDataset(path, { ...settings, signal });
    const wanted = name ?? dataset.name;
    const taken = sets.filter((set) => set.name === wanted || set.name.startsWith(`${wanted} (`)).length;
    sets.push({ name: taken === 0 ? wanted : `${wanted} (${taken + 1})`, path, dataset });
  }
  return sets;
}

/** Nothing counted yet. */
export function newSampleCounts(): SampleCounts {
  return {
    images: 0,
    masks: 0,
    crowds: 0,
    empty: 0,
    stuff: 0,
    beyondMaxMasks: 0,
    ignoreRegions: 0,
    missingImages: 0,
  };
}

/**
 * The images of a set with the masks to score, in the set's order; images without any are passed over.
 *
 * @param counts is added to while reading
 * @throws EvaluationError `dataset-empty` when there is nothing to score, `image-missing` when no image has a
 *   file, and what reading throws
 */
export async function* readSamples(
  { dataset, name }: EvaluationSet,
  { limit, maxMasks, thingsOnly = false }: SamplingSettings,
  counts: SampleCounts,
  { withFiles = false, signal }: SampleReading = {},
): AsyncGenerator<Sample> {
  const categories = new Map(dataset.categories.map((category) => [category.id, category] as const));
  for await (const { image, annotations, ignoreRegions = [] } of dataset.records({ signal })) {
    if (counts.images === limit) break;
    const masks = annotations.filter(hasMask);
    counts.empty += annotations.length - masks.length;
    const wanted = masks.filter((annotation) => isWanted(annotation, { categories, thingsOnly, counts }));
    const picked = atEqualSteps(wanted, maxMasks ?? wanted.length);
    counts.beyondMaxMasks += wanted.length - picked.length;
    if (picked.length === 0) continue;
    if (withFiles && !image.open) {
      counts.missingImages++;
      continue;
    }
    const crowds = masks.filter(({ isCrowd }) => isCrowd);
    counts.ignoreRegions += ignoreRegions.length;
    counts.masks += picked.length;
    yield {
      index: counts.images++,
      image,
      annotations: picked,
      ignoreRegions: [...ignoreRegions, ...crowds.map(toIgnoreRegion)],
    };
  }
  if (counts.images === 0) throw nothingToScore(name, counts, thingsOnly);
}

function nothingToScore(
  name: string,
  { missingImages, crowds, empty }: SampleCounts,
  thingsOnly: boolean,
): EvaluationError {
  if (missingImages > 0)
    return new EvaluationError(
      "image-missing",
      `Of the ${missingImages} images of ${name} that have masks, no file is there; name their folder (--image-folder), or put them where the set's format has them.`,
    );
  const none = `The data set ${name} has no mask to score${thingsOnly ? " (with things only)" : ""}`;
  if (crowds > 0)
    return new EvaluationError(
      "dataset-empty",
      `${none}: ${crowds} of its masks are crowds (iscrowd), which are never scored. If they are single objects, clear the flag with: segany dataset remap SET CLEARED --clear-crowd`,
    );
  return new EvaluationError(
    "dataset-empty",
    empty > 0
      ? `${none}: its ${empty} annotations are boxes without a mask, or masks without a pixel. Masks of boxes are made with: segany dataset masks-from-boxes SET WITH-MASKS`
      : `${none}; check its path and format.`,
  );
}

/**
 * Takes values at equal steps through a list, from the first.
 *
 * @param count how many; all if the list has no more
 *
 * @example
 * console.log(atEqualSteps(["a", "b", "c", "d", "e"], 2)); // [ 'a', 'c' ]
 */
export function atEqualSteps<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!);
}

/** Masks by annotator: an image that several have annotated is scored once against each. */
export function byAnnotator(annotations: readonly MaskAnnotation[]): MaskAnnotation[][] {
  const groups = new Map<Annotation["annotator"], MaskAnnotation[]>();
  for (const annotation of annotations) {
    const group = groups.get(annotation.annotator);
    if (group) group.push(annotation);
    else groups.set(annotation.annotator, [annotation]);
  }
  return [...groups.values()];
}

function isWanted(
  annotation: Annotation,
  {
    categories,
    thingsOnly,
    counts,
  }: {
    readonly categories: ReadonlyMap<number, Category>;
    readonly thingsOnly: boolean;
    readonly counts: SampleCounts;
  },
): boolean {
  if (annotation.isCrowd) {
    counts.crowds++;
    return false;
  }
  if (annotation.area === 0) {
    counts.empty++;
    return false;
  }
  const isThing = annotation.isThing ?? categories.get(annotation.categoryId ?? Number.NaN)?.isThing ?? true;
  if (thingsOnly && !isThing) {
    counts.stuff++;
    return false;
  }
  return true;
}

function toIgnoreRegion({ segmentation, categoryId }: MaskAnnotation): IgnoreRegion {
  return { segmentation, ...(categoryId !== undefined && { categoryId }) };
}
