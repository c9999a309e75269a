/** Which objects are chosen. Pure. */

import { objectsInList } from "./selectors.js";
import type { StudioState } from "./types.js";

/** Only this one; one more or one less; all from the one chosen first to this one. */
export type SelectHow = "only" | "toggle" | "range";

/** @param id null: none, unless others stay */
export function select(
  state: StudioState,
  id: string | null,
  how: SelectHow,
): Pick<StudioState, "selectedIds"> {
  const { selectedIds } = state;
  if (id === null) return { selectedIds: how === "only" ? [] : selectedIds };
  const others = selectedIds.filter((each) => each !== id);
  if (how === "toggle") return { selectedIds: others.length < selectedIds.length ? others : [...others, id] };
  if (how === "only") return { selectedIds: [id] };
  const ids = objectsInList(state).map((object) => object.id);
  const [anchor = id] = selectedIds;
  const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)];
  if (from < 0 || to < 0) return { selectedIds: [id] };
  const between = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  // The next range begins where this one did.
  return { selectedIds: [...new Set([anchor, ...between.filter((each) => each !== id), id])] };
}
