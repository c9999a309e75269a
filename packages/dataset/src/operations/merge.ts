import { DatasetError, throwIfAborted } from "../errors.js";
import type { Category, Dataset, DatasetRecord } from "../record.js";
import { withCategoryIds } from "./relabel-ids.js";

/** Settings of `mergeDatasets`. */
export interface MergeOptions {
  readonly name?: string;
  /**
   * Whether file names begin with a folder named after their data set (default), so that images of one name
   * in two sets don't meet; without it such images are refused when they are written.
   */
  readonly prefix?: boolean;
}

/**
 * Joins data sets one after the other. Classes of one name in several sets become one; two in one set stay
 * two. Images, annotations and classes are numbered anew from 1.
 *
 * @throws DatasetError `option-invalid` without a data set
 *
 * @example
 * const { images } = await collectStatistics(mergeDatasets([dataset, dataset], { name: "twice" }));
 * console.log(images); // 4
 */
export function mergeDatasets(
  datasets: readonly Dataset[],
  { name = "merged", prefix = true }: MergeOptions = {},
): Dataset {
  if (datasets.length === 0)
    throw new DatasetError("option-invalid", "There is no data set to merge; give two or more.");
  const byName = new Map<string, Category>();
  const idMaps = datasets.map(({ categories }) => {
    const ids = new Map<number, number>();
    const met = new Map<string, number>();
    for (const category of categories) {
      const before = met.get(category.name) ?? 0;
      met.set(category.name, before + 1);
      const key = `${before} ${category.name}`;
      const merged = byName.get(key) ?? { ...category, id: byName.size + 1 };
      byName.set(key, merged);
      ids.set(category.id, merged.id);
    }
    return ids;
  });
  const folders = prefix ? uniqueNames(datasets) : datasets.map(() => undefined);
  const imageCount = sumOf(datasets.map((dataset) => dataset.imageCount));
  const annotationCount = sumOf(datasets.map((dataset) => dataset.annotationCount));
  return {
    name,
    format: "merged",
    categories: [...byName.values()],
    ...(imageCount !== undefined && { imageCount }),
    ...(annotationCount !== undefined && { annotationCount }),
    async *records({ onProgress, ...pass } = {}) {
      let images = 0;
      let annotations = 0;
      for (const [i, dataset] of datasets.entries()) {
        throwIfAborted(pass.signal);
        for await (const record of dataset.records(pass)) {
          yield renumber(withCategoryIds(record, idMaps[i]!), ++images, annotations, folders[i]);
          annotations += record.annotations.length;
          onProgress?.({ images, annotations, ...(imageCount !== undefined && { totalImages: imageCount }) });
        }
      }
    },
  };
}

function renumber(
  { image, annotations, ...rest }: DatasetRecord,
  id: number,
  annotationsBefore: number,
  folder: string | undefined,
): DatasetRecord {
  const fileName = folder === undefined ? image.fileName : `${folder}/${image.fileName}`;
  return {
    ...rest,
    image: { ...image, id, fileName },
    annotations: annotations.map((annotation, i) => ({ ...annotation, id: annotationsBefore + i + 1 })),
  };
}

/** Names of folders: a data set's own, with a number where it was there before. */
function uniqueNames(datasets: readonly Dataset[]): string[] {
  const names = new Set<string>();
  return datasets.map((dataset) => {
    const plain = dataset.name.replace(/[^\w.-]+/g, "_").replace(/^\.+/, "") || "set";
    let name = plain;
    for (let number = 2; names.has(name.toLowerCase()); number++) name = `${plain}-${number}`;
    names.add(name.toLowerCase());
    return name;
  });
}

function sumOf(counts: readonly (number | undefined)[]): number | undefined {
  return counts.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}
