import type { Category, Dataset, DatasetImage, DatasetRecord } from "../record.js";
import { deriveDataset } from "./derive-dataset.js";
import { categoryIdOf } from "./filter.js";
import { withCategoryIds } from "./relabel-ids.js";

/** Settings of `remapCategories`. */
export interface RemapOptions {
  /** New names by old ones; several with one new name become one class. null drops the masks of a class. */
  readonly names: Readonly<Record<string, string | null>>;
  /** What becomes of classes that aren't named: stay as they are (default), or go with their masks. */
  readonly others?: "keep" | "drop";
}

/**
 * Renames, joins and drops classes. A class that gets the name of another joins it; a new one keeps the id of
 * the first that became it. Masks without a class stay.
 *
 * @throws DatasetError `option-invalid` for a class that isn't there
 *
 * @example
 * const fruit = datasetFromRecords([], {
 *   categories: [
 *     { id: 1, name: "pear" },
 *     { id: 2, name: "apple" },
 *   ],
 * });
 * const { categories } = remapCategories(fruit, { names: { pear: "fruit", apple: "fruit" } });
 * console.log(categories.map(({ name }) => name)); // [ 'fruit' ]
 */
export function remapCategories(dataset: Dataset, { names, others = "keep" }: RemapOptions): Dataset {
  for (const name of Object.keys(names)) categoryIdOf(dataset.categories, name);
  const newNames = new Map(Object.entries(names));
  const byName = new Map<string, Category>();
  const ids = new Map<number, number | undefined>();
  for (const category of dataset.categories) {
    const name = newNames.has(category.name)
      ? newNames.get(category.name)
      : others === "keep"
        ? category.name
        : null;
    if (name === null || name === undefined) {
      ids.set(category.id, undefined);
      continue;
    }
    const joined = byName.get(name);
    if (!joined) byName.set(name, { ...category, name });
    ids.set(category.id, (joined ?? category).id);
  }
  return deriveDataset(dataset, () => (record) => remapRecord(record, ids), [...byName.values()]);
}

function remapRecord(record: DatasetRecord, ids: ReadonlyMap<number, number | undefined>): DatasetRecord {
  const dropped = new Set([...ids].filter(([, id]) => id === undefined).map(([old]) => old));
  const kept = new Map([...ids].filter((entry): entry is [number, number] => entry[1] !== undefined));
  const stays = ({ categoryId }: { readonly categoryId?: number }): boolean =>
    categoryId === undefined || !dropped.has(categoryId);
  const withoutDropped = {
    ...record,
    image: withoutClasses(record.image, dropped),
    annotations: record.annotations.filter(stays),
    ...(record.ignoreRegions && { ignoreRegions: record.ignoreRegions.filter(stays) }),
  };
  return withCategoryIds(withoutDropped, kept);
}

function withoutClasses(image: DatasetImage, dropped: ReadonlySet<number>): DatasetImage {
  const { negCategoryIds, notExhaustiveCategoryIds } = image;
  const filter = (list: readonly number[]): number[] => list.filter((id) => !dropped.has(id));
  return {
    ...image,
    ...(negCategoryIds && { negCategoryIds: filter(negCategoryIds) }),
    ...(notExhaustiveCategoryIds && { notExhaustiveCategoryIds: filter(notExhaustiveCategoryIds) }),
  };
}
