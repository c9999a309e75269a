import type { Annotation, Dataset, DatasetImage, DatasetRecord, IgnoreRegion } from "../record.js";
import { deriveDataset } from "./derive-dataset.js";

/** Settings of `relabelIds`. */
export interface RelabelOptions {
  /** The first image's id; 1 by default. */
  readonly firstImageId?: number | undefined;
  /** The first annotation's; they are unique within the data set then. */
  readonly firstAnnotationId?: number | undefined;
  /** The first class's, in the order of the list. */
  readonly firstCategoryId?: number | undefined;
}

/**
 * Numbers images, annotations and classes anew and without gaps, in the order in which they come.
 *
 * @example
 * const ids: number[] = [];
 * const relabelled = relabelIds(dataset, { firstImageId: 100 });
 * for await (const record of relabelled.records()) ids.push(record.image.id);
 * console.log(ids); // [ 100, 101 ]
 */
export function relabelIds(
  dataset: Dataset,
  { firstImageId = 1, firstAnnotationId = 1, firstCategoryId = 1 }: RelabelOptions = {},
): Dataset {
  const ids = new Map(dataset.categories.map(({ id }, i) => [id, firstCategoryId + i]));
  const begin = () => {
    let imageId = firstImageId;
    let annotationId = firstAnnotationId;
    return (record: DatasetRecord): DatasetRecord => {
      const { image, annotations, ...rest } = withCategoryIds(record, ids);
      return {
        ...rest,
        image: { ...image, id: imageId++ },
        annotations: annotations.map((annotation) => ({ ...annotation, id: annotationId++ })),
      };
    };
  };
  const categories = dataset.categories.map((category, i) => ({ ...category, id: firstCategoryId + i }));
  const { imageCount, annotationCount } = dataset;
  return {
    ...deriveDataset(dataset, begin, categories),
    ...(imageCount !== undefined && { imageCount }),
    ...(annotationCount !== undefined && { annotationCount }),
  };
}

/** Gives classes other ids wherever a record names them; an id that isn't in the map stays. */
export function withCategoryIds(record: DatasetRecord, ids: ReadonlyMap<number, number>): DatasetRecord {
  const { image, annotations, ignoreRegions } = record;
  return {
    image: withImageLists(image, ids),
    annotations: annotations.map((annotation) => withCategory<Annotation>(annotation, ids)),
    ...(ignoreRegions && {
      ignoreRegions: ignoreRegions.map((region) => withCategory<IgnoreRegion>(region, ids)),
    }),
  };
}

function withCategory<T extends { readonly categoryId?: number }>(
  value: T,
  ids: ReadonlyMap<number, number>,
): T {
  const id = value.categoryId === undefined ? undefined : ids.get(value.categoryId);
  return id === undefined ? value : { ...value, categoryId: id };
}

function withImageLists(image: DatasetImage, ids: ReadonlyMap<number, number>): DatasetImage {
  const { negCategoryIds, notExhaustiveCategoryIds } = image;
  const mapped = (list: readonly number[]): number[] => list.map((id) => ids.get(id) ?? id);
  return {
    ...image,
    ...(negCategoryIds && { negCategoryIds: mapped(negCategoryIds) }),
    ...(notExhaustiveCategoryIds && { notExhaustiveCategoryIds: mapped(notExhaustiveCategoryIds) }),
  };
}
