/** Objects that two have changed, made one list by their UUIDs. Pure. */

import { sameRuns } from "@segany/masks";
import type { Document, MaskObject } from "./document.js";
import { isSameJson } from "./same-json.js";

type Objects = readonly MaskObject[];

/** What is done about an object that both have changed. A copy of mine beside theirs has its own UUID. */
export type Resolution =
  | { readonly keep: "mine" | "theirs" }
  | { readonly keep: "both"; readonly copyId: string };

/** By UUID. */
export type Resolutions = ReadonlyMap<string, Resolution>;

/** An object that both have changed, each in another way; null: deleted. */
export interface Conflict {
  readonly id: string;
  readonly mine: MaskObject | null;
  readonly theirs: MaskObject | null;
}

/** The three lists: what both began with, and what each has made of it. */
export interface Versions {
  readonly base: Objects;
  readonly mine: Objects;
  readonly theirs: Objects;
}

export interface Merged {
  /** In the order of theirs; mine that they lack at the end. */
  readonly objects: Objects;
  /** Those that wait for a resolution; of them `objects` has theirs. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Merges what two have made of the same objects: what one has added, changed or deleted and the other has
 * left alone is so; what both have changed alike, too. All else is a conflict. Whether an object is shown or
 * locked is a matter of the page: it stays as it is in mine, and is no change.
 */
export function mergeObjects({ base, mine, theirs }: Versions, resolutions: Resolutions = new Map()): Merged {
  const [baseOf, mineOf, theirsOf] = [byId(base), byId(mine), byId(theirs)];
  const conflicts: Conflict[] = [];
  const copies: MaskObject[] = [];

  function decide(id: string): MaskObject | null {
    const [before, own, other] = [baseOf, mineOf, theirsOf].map((objects) => objects.get(id) ?? null) as [
      MaskObject | null,
      MaskObject | null,
      MaskObject | null,
    ];
    if (isSame(own, other) || isSame(other, before)) return own;
    if (isSame(own, before)) return seenAs(other, own);
    const resolution = resolutions.get(id);
    if (!resolution) conflicts.push({ id, mine: own, theirs: other });
    else if (resolution.keep === "mine") return own;
    else if (resolution.keep === "both" && own)
      copies.push({ ...own, id: resolution.copyId, name: `${own.name} (2)` });
    return seenAs(other, own);
  }

  const ids = new Set([...theirsOf.keys(), ...mineOf.keys(), ...baseOf.keys()]);
  const objects = [...ids].map(decide).filter((object) => object !== null);
  return { objects: [...objects, ...copies], conflicts };
}

/**
 * The document as it would be if others had made their changes before the user began. A mask that is being
 * made of an object that changes thereby becomes one for a new object.
 */
export function withTheirs(
  document: Document,
  { base, theirs }: Omit<Versions, "mine">,
  resolutions: Resolutions,
): Document {
  const mine = document.objects;
  const { objects } = mergeObjects({ base, mine, theirs }, resolutions);
  const { draft } = document;
  const objectOf = (list: Objects) => list.find(({ id }) => id === draft.objectId) ?? null;
  const edited = objectOf(mine); // not there yet in a page that was just reloaded
  const isStale = edited !== null && !isSame(edited, objectOf(objects));
  return { ...document, objects, ...(isStale && { draft: { ...draft, objectId: null } }) };
}

/** The same list, with the objects of another where they say the same: those are found equal at once. */
export function sharing(objects: Objects, others: Objects): Objects {
  const otherOf = byId(others);
  return objects.map((object) => {
    const other = otherOf.get(object.id);
    return other && isSame(object, other) ? other : object;
  });
}

/** Whether two lists say the same of the same objects, in the same order. */
export function areSame(some: Objects, others: Objects): boolean {
  return (
    some === others ||
    (some.length === others.length &&
      some.every((object, i) => object.id === others[i]!.id && isSame(object, others[i]!)))
  );
}

function isSame(one: MaskObject | null, other: MaskObject | null): boolean {
  if (one === other) return true;
  if (one === null || other === null || !sameRuns(one.segmentation, other.segmentation)) return false;
  return isSameJson(contentOf(one), contentOf(other));
}

/**
 * What is kept of an object besides its mask. Its number is given by whoever writes it, and its area and box
 * follow from its mask.
 */
function contentOf(object: MaskObject): object {
  const { name, classId, colour, source, predictedIou, stabilityScore, points, boxXyxy } = object;
  const { confidence = null } = object;
  const prompt = { points: points.map(({ at, label }) => [...at, label]), boxXyxy };
  const foreign = { cropBoxXywh: null, extra: {}, ...object.foreign };
  return { name, classId, colour, source, predictedIou, stabilityScore, confidence, prompt, foreign };
}

/** An object of others, shown and locked as this page's. */
function seenAs(theirs: MaskObject | null, mine: MaskObject | null): MaskObject | null {
  return theirs && mine ? { ...theirs, visible: mine.visible, locked: mine.locked } : theirs;
}

function byId(objects: Objects): ReadonlyMap<string, MaskObject> {
  return new Map(objects.map((object) => [object.id, object]));
}
