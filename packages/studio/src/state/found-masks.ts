/** Masks of everything mode, on their way to becoming objects. */

import { sameRuns } from "@segany/masks";
import { findClass } from "./classes.js";
import type { NewObject } from "./edits.js";
import { openDocument } from "./selectors.js";
import type { FoundMask, StudioState, WordsFound } from "./types.js";

const NONE: readonly FoundMask[] = [];

/** What everything mode has found by now; the same list for as long as that does not change. */
export function foundMasks({ everything }: StudioState): readonly FoundMask[] {
  switch (everything.state) {
    case "running":
    case "done":
    case "words":
    case "versions":
      return everything.found;
    case "idle":
    case "asking":
    case "failed":
      return NONE;
  }
}

/** Those of the masks that the list of objects does not have already. */
export function withoutKept(masks: readonly FoundMask[], state: StudioState): readonly FoundMask[] {
  const { objects } = openDocument(state);
  return masks.filter(({ segmentation }) =>
    objects.every((object) => !sameRuns(object.segmentation, segmentation)),
  );
}

/**
 * A found mask as an object: of the class that its words name, which the list has, else of the one that new
 * objects get.
 */
export function newObjectOfFound(
  { points, word, version, ...mask }: FoundMask,
  state: Pick<StudioState, "nextClassId" | "classes">,
): NewObject {
  const name = version ? version.className : word?.label;
  const named = name ? findClass(state.classes.present, name) : undefined;
  return {
    ...mask,
    classId: named?.id ?? (version ? null : state.nextClassId),
    source: version ? "import" : word ? "text" : "everything",
    points: points.map((at, i) => ({ id: `grid-${i}`, at, label: 1 })),
  };
}

/** Objects of words with a lower score are not asked for; a threshold can be moved down to here. */
export const WORDS_FLOOR = 0.1;

/** Shows those with at least a score. */
export function withThreshold(words: WordsFound, threshold: number): WordsFound {
  return { ...words, threshold, found: words.all.filter(({ word }) => (word?.score ?? 0) >= threshold) };
}
