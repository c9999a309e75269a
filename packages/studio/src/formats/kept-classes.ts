/** The list of classes as the document that the server keeps. */

import type { KeptClasses } from "@segany/server/contract";
import { type ClassList, cleanClassName } from "../state/classes.js";
import { mergeClasses } from "../state/merge-classes.js";

/** Reads a list; classes of one name are one, as they are here. */
export function readKeptClasses({ classes }: KeptClasses): ClassList {
  const list = classes.map(({ id, name, colour, merged_ids }) => ({
    id: id.toLowerCase(),
    name: cleanClassName(name) || "unnamed",
    colour,
    mergedIds: merged_ids.map((each) => each.toLowerCase()),
  }));
  return mergeClasses({ base: [], mine: [], theirs: list });
}

export function writeKeptClasses(classes: ClassList): KeptClasses {
  return {
    classes: classes.map(({ id, name, colour, mergedIds }) => ({
      id,
      name,
      colour,
      merged_ids: [...mergedIds],
    })),
  };
}
