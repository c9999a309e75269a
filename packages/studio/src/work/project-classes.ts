/** The classes of a project as the studio's list. Pure. */

import { v5 } from "uuid";
import type { EngineProject } from "../api/engine.js";
import type { ClassNames } from "../formats/engine-masks.js";
import type { ClassList } from "../state/classes.js";
import { literalColour } from "../state/literal-colour.js";

/** The same classes have the same ids in every page. */
export function classesOf({ id: project, classes }: Pick<EngineProject, "id" | "classes">): ClassList {
  return classes.map(({ name, colour }) => ({
    id: v5(name, project),
    name,
    colour: literalColour(colour),
    mergedIds: [],
  }));
}

/** Maps classes to their names and back. */
export function classNamesOf(classes: ClassList): ClassNames {
  const ids = new Map(classes.map(({ id, name }) => [name, id]));
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  return { idOf: (name) => ids.get(name) ?? null, nameOf: (id) => names.get(id) ?? null };
}
