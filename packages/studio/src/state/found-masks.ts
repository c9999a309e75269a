/** Masks of everything mode, on their way to becoming objects. */

import { type MaskRecord, rleToBoxXywh } from "@segany/masks";
import type { NewObject } from "./edits.js";
import { openDocument } from "./selectors.js";
import type { StudioState } from "./types.js";

const NONE: readonly MaskRecord[] = [];

/** What everything mode has found by now; the same list for as long as that does not change. */
export function foundMasks({ everything }: StudioState): readonly MaskRecord[] {
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
export function withoutKept(records: readonly MaskRecord[], state: StudioState): readonly MaskRecord[] {
  const { objects } = openDocument(state);
  return records.filter(({ segmentation }) =>
    objects.every((object) => object.segmentation.counts !== segmentation.counts),
  );
}

/** A found mask as an object. Its box is measured anew, for Meta's is one short in width and height. */
export function objectOfFound({
  segmentation,
  area,
  predictedIou,
  stabilityScore,
  pointCoords,
}: MaskRecord): NewObject {
  return {
    segmentation,
    areaPx: area,
    boxXywh: rleToBoxXywh(segmentation),
    source: "everything",
    predictedIou,
    stabilityScore,
    points: pointCoords.map((at, i) => ({ id: `grid-${i}`, at, label: 1 })),
  };
}
