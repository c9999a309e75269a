/** Masks of everything mode, on their way to becoming objects. */

import { sameRuns } from "@segany/masks";
import type { NewObject } from "./edits.js";
import { openDocument } from "./selectors.js";
import type { FoundMask, StudioState } from "./types.js";

const NONE: readonly FoundMask[] = [];

/** What everything mode has found by now; the same list for as long as that does not change. */
export function foundMasks({ everything }: StudioState): readonly FoundMask[] {
  switch (everything.state) {
    case "running":
    case "done":
      return everything.found;
    case "idle":
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

/** A found mask as an object. */
export function objectOfFound({ points, ...mask }: FoundMask): NewObject {
  return {
    ...mask,
    source: "everything",
    points: points.map((at, i) => ({ id: `grid-${i}`, at, label: 1 })),
  };
}
