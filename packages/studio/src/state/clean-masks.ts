/** Masks without the islands and holes that are small beside them. Pure. */

import { removeSmallRegionsOfRuns, sameRuns } from "@segany/masks";
import type { Document, MaskShape } from "./document.js";
import { paintDraft } from "./draft-edits.js";
import { currentShape } from "./draft-queries.js";
import { withShape } from "./edits.js";
import { measureShape } from "./mask-shape.js";

/** Regions of fewer pixels than this share of the mask are small; at least so many pixels. */
const SMALL_SHARE = 0.05;
const SMALL_PX = 100;

/**
 * Cleans the mask in the making, or without one the selected objects that are not locked. The largest island
 * stays.
 *
 * @returns the same document where nothing is small
 */
export function cleanMasks(document: Document, selectedIds: readonly string[]): Document {
  const drafted = currentShape(document.draft);
  if (drafted) {
    const shape = cleaned(drafted);
    return shape === drafted ? document : paintDraft(document, shape);
  }
  const objects = document.objects.map((object) => {
    if (object.locked || !selectedIds.includes(object.id)) return object;
    const shape = cleaned(object);
    return withShape(object, shape);
  });
  return objects.some((object, i) => object !== document.objects[i]) ? { ...document, objects } : document;
}

function cleaned(shape: MaskShape): MaskShape {
  const smallPx = Math.max(SMALL_PX, shape.areaPx * SMALL_SHARE);
  const filled = removeSmallRegionsOfRuns(shape.segmentation, smallPx, "holes").runs;
  const { runs } = removeSmallRegionsOfRuns(filled, smallPx, "islands");
  return sameRuns(runs, shape.segmentation) ? shape : measureShape(runs);
}
