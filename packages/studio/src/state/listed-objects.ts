/** Which objects the list shows, and in what order. Pure. */

import type { MaskObject } from "./document.js";

/** As they were made; by the machine's confidence, others last. */
export type ListOrder = "made" | "least-sure" | "most-sure";

/** How the user looks at the list of objects. */
export interface ObjectList {
  readonly order: ListOrder;
  /** Only masks of the machine whose confidence is not above this; null: all objects. */
  readonly atMost: number | null;
}

export const WHOLE_LIST: ObjectList = { order: "made", atMost: null };

type Objects = readonly MaskObject[];

/** Whether there is anything to sort and to filter by. */
export function haveConfidence(objects: Objects): boolean {
  return objects.some(({ confidence }) => confidence !== undefined);
}

/** Without a mask of the machine these are all objects, in their order. */
export function listedObjects(objects: Objects, { order, atMost }: ObjectList): Objects {
  if ((order === "made" && atMost === null) || !haveConfidence(objects)) return objects;
  const shown = objects.filter(({ confidence }) => atMost === null || (confidence ?? 2) <= atMost);
  if (order === "made") return shown;
  const direction = order === "least-sure" ? 1 : -1;
  const rank = ({ confidence }: MaskObject) =>
    confidence === undefined ? Number.POSITIVE_INFINITY : direction * confidence;
  return shown.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}
