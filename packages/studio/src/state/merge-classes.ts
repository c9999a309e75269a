/** Lists of classes that two have changed, made one. Pure. */

import type { ClassList, ObjectClass } from "./classes.js";
import { isSameJson } from "./same-json.js";

/** What both began with, and what each has made of it. */
export interface ClassVersions {
  readonly base: ClassList;
  readonly mine: ClassList;
  readonly theirs: ClassList;
}

/**
 * Merges what two have made of a list. What one has changed and the other has left alone is so; where both
 * have, mine counts. A class that one has deleted and the other has changed stays. Two of one name become
 * one, whose objects are those of both.
 */
export function mergeClasses({ base, mine, theirs }: ClassVersions): ClassList {
  const [baseOf, mineOf, theirsOf] = [base, mine, theirs].map(byId) as [ById, ById, ById];
  const decided = new Map<string, ObjectClass>();
  for (const id of new Set([...mineOf.keys(), ...theirsOf.keys()])) {
    const found = decide(baseOf.get(id), mineOf.get(id), theirsOf.get(id));
    if (found) decided.set(id, found);
  }
  const [first, second] = hasMoved(base, mine) ? [mine, theirs] : [theirs, mine];
  const order = new Set([...first, ...second].map(({ id }) => id));
  return withUniqueNames([...order].flatMap((id) => decided.get(id) ?? []));
}

/** Whether two lists say the same. */
export function areSameClasses(some: ClassList, others: ClassList): boolean {
  return some === others || isSameJson(some, others);
}

type ById = ReadonlyMap<string, ObjectClass>;

function byId(classes: ClassList): ById {
  return new Map(classes.map((each) => [each.id, each]));
}

function decide(
  before: ObjectClass | undefined,
  mine: ObjectClass | undefined,
  theirs: ObjectClass | undefined,
): ObjectClass | undefined {
  if (!mine || !theirs) {
    const left = mine ?? theirs;
    return before && left && isSameJson(left, before) ? undefined : left;
  }
  const isOthers = (field: "name" | "colour") => before !== undefined && mine[field] === before[field];
  return {
    id: mine.id,
    name: isOthers("name") ? theirs.name : mine.name,
    colour: isOthers("colour") ? theirs.colour : mine.colour,
    mergedIds: mergeIds(before?.mergedIds ?? [], mine.mergedIds, theirs.mergedIds),
  };
}

/** What either has added; without what either has taken away. */
function mergeIds(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const isGone = (id: string) => base.includes(id) && !(mine.includes(id) && theirs.includes(id));
  return [...new Set([...theirs, ...mine])].filter((id) => !isGone(id));
}

/** Whether classes that were there have another order now. */
function hasMoved(base: ClassList, now: ClassList): boolean {
  const [before, after] = [new Set(base.map(({ id }) => id)), new Set(now.map(({ id }) => id))];
  const left = base.filter(({ id }) => after.has(id));
  const kept = now.filter(({ id }) => before.has(id));
  return left.some(({ id }, i) => kept[i]?.id !== id);
}

function withUniqueNames(classes: ClassList): ClassList {
  const byName = new Map<string, ObjectClass>();
  for (const each of classes) {
    const { name, ...known } = byName.get(each.name) ?? each;
    const isSecond = known.id !== each.id;
    byName.set(
      name,
      isSecond ? { name, ...known, mergedIds: [...known.mergedIds, each.id, ...each.mergedIds] } : each,
    );
  }
  return [...byName.values()];
}
