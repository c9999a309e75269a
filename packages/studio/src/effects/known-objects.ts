/** What is new in a file that has masks which are there already. */

import { sameRuns } from "@segany/masks";
import { type ClassList, classOf } from "../state/classes.js";
import type { MaskObject, MaskShape } from "../state/document.js";
import type { NewObject } from "../state/edits.js";

/** What a file says anew of an object that is there. */
export interface Relabelling {
  readonly id: string;
  readonly name?: string;
  readonly classId?: string;
}

/**
 * What a file adds to the objects of an image, so that it may be imported twice. An object with a mask that
 * is there is not added again: where the file gives it another name or class, the one that is there gets it,
 * unless it is locked.
 */
export function compareWithKnown(
  objects: readonly NewObject[],
  known: readonly MaskObject[],
  classes: ClassList,
): { readonly added: readonly NewObject[]; readonly changes: readonly Relabelling[] } {
  const sameMasks = findSameMasks(objects, known);
  const changesOf = (object: NewObject, other: MaskObject) => relabelling(object, other, classes);
  // Two classes may share a mask: who has the file's name and class already is not for others to change.
  const settled = new Set(
    objects.flatMap((object) => sameMasks(object).find((other) => !changesOf(object, other)) ?? []),
  );
  const added: NewObject[] = [];
  const changes: Relabelling[] = [];
  for (const object of objects) {
    const same = sameMasks(object);
    if (same.some((other) => !changesOf(object, other))) continue;
    const other = same.find((each) => !settled.has(each));
    if (other) settled.add(other);
    if (!other) added.push(object);
    else if (!other.locked) changes.push(changesOf(object, other)!);
  }
  return { added, changes };
}

/** Finds, of the objects that are there, those with an object's mask. */
function findSameMasks(
  objects: readonly NewObject[],
  known: readonly MaskObject[],
): (object: NewObject) => readonly MaskObject[] {
  const keyOf = ({ areaPx, boxXywh }: MaskShape) => [areaPx, ...boxXywh].join();
  const knownOf = new Map<string, MaskObject[]>();
  for (const object of known) knownOf.set(keyOf(object), [...(knownOf.get(keyOf(object)) ?? []), object]);
  const found = new Map(
    objects.map((object) => [
      object,
      (knownOf.get(keyOf(object)) ?? []).filter((other) => sameRuns(other.segmentation, object.segmentation)),
    ]),
  );
  return (object) => found.get(object)!;
}

/** What a file's object says of the same one that is there and that is not so; null if nothing. */
function relabelling(object: NewObject, other: MaskObject, classes: ClassList): Relabelling | null {
  const classId = classOf(classes, object.classId ?? null)?.id;
  const isRenamed = object.name !== undefined && object.name !== other.name;
  const isOfOtherClass = classId !== undefined && classId !== classOf(classes, other.classId)?.id;
  if (!isRenamed && !isOfOtherClass) return null;
  return {
    id: other.id,
    ...(isRenamed && { name: object.name }),
    ...(isOfOtherClass && { classId }),
  };
}
