/** Masks of everything mode, on their way to becoming objects. */

import { boxOfRuns, sameRuns } from "@segany/masks";
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
export function withoutKept(records: readonly FoundMask[], state: StudioState): readonly FoundMask[] {
  const { objects } = openDocument(state);
  return records.filter(({ segmentation }) =>
    objects.every((object) => !sameRuns(object.segmentation, segmentation)),
  );
}

/** A found mask as an object. Its box is measured anew, for Meta's is one short in width and height. */
export function objectOfFound({
  segmentation,
  area,
  predictedIou,
  stabilityScore,
  pointCoords,
}: FoundMask): NewObject {
  return {
    segmentation,
    areaPx: area,
    boxXywh: boxOfRuns(segmentation),
    source: "everything",
    predictedIou,
    stabilityScore,
    points: pointCoords.map((at, i) => ({ id: `grid-${i}`, at, label: 1 })),
  };
}
