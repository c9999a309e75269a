import type { Category } from "../record.js";
import type { ProblemList } from "./problems.js";

/**
 * Notes classes that have the name of another: most formats tell classes apart by their names alone.
 *
 * @param file what to call the file that lists them
 */
export function checkCategoryNames(
  categories: readonly Category[],
  file: string,
  problems: ProblemList,
): void {
  const ids = new Map<string, number>();
  for (const { id, name } of categories) {
    const other = ids.get(name);
    if (other === undefined) ids.set(name, id);
    else
      problems.note({
        code: "duplicate-category-name",
        file,
        record: `category ${id}`,
        field: "name",
        message: `The classes ${other} and ${id} are both called "${name}".`,
      });
  }
}
