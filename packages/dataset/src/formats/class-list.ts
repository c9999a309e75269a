import { DatasetError } from "../errors.js";
import type { Category } from "../record.js";

/** The class of masks that have none, in formats where every mask must have one. */
export const classlessName = "object";

/** Classes in the order a format numbers them. */
export interface ClassList {
  /** Names by number, from 0. Grows by "object" when a mask without a class comes. */
  readonly names: readonly string[];
  /**
   * The number of a mask's class, from 0.
   *
   * @throws DatasetError `dataset-invalid` for an id that is none of the data set's
   */
  numberOf(categoryId: number | undefined): number;
}

/** Numbers the classes of a data set by their place in its list. */
export function createClassList(categories: readonly Category[]): ClassList {
  const names = categories.map(({ name }) => name);
  const numbers = new Map(categories.map(({ id }, number) => [id, number]));
  return {
    names,
    numberOf(categoryId) {
      if (categoryId === undefined) {
        const known = names.indexOf(classlessName);
        return known >= 0 ? known : names.push(classlessName) - 1;
      }
      const number = numbers.get(categoryId);
      if (number !== undefined) return number;
      throw new DatasetError(
        "dataset-invalid",
        `An annotation has the class ${categoryId}, which is not in the data set's list of ${categories.length} classes.`,
      );
    },
  };
}

/** Classes of a format that only names them: ids count from 1, as 0 means background in many tools. */
export function categoriesOfNames(names: readonly string[]): Category[] {
  return names.map((name, index) => ({ id: index + 1, name }));
}
