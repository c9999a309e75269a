import {
  boxXyxyOfRuns,
  cleanRegionsOfRuns,
  type MaskRuns,
  nonMaximumSuppression,
  removeSmallRegionsOfRuns,
} from "@segany/masks";
import type { PickedMask } from "./candidate.js";

/**
 * Removes small holes and islands and then duplicates that result from it (`postprocess_small_regions`):
 * unchanged masks are preferred, and neither predicted IoU nor stability is computed again.
 */
export function cleanOfficial(masks: readonly PickedMask[], areaPx: number, nmsThresh: number): PickedMask[] {
  const cleaned = masks.map((mask) => cleanOneOfficial(mask, areaPx));
  const boxes = cleaned.map(({ mask }) => mask.boxXyxy);
  const scores = cleaned.map(({ changed }) => (changed ? 0 : 1));
  return nonMaximumSuppression(boxes, scores, nmsThresh).map((index) => cleaned[index]!.mask);
}

function cleanOneOfficial(picked: PickedMask, areaPx: number): { mask: PickedMask; changed: boolean } {
  const holes = removeSmallRegionsOfRuns(picked.mask, areaPx, "holes");
  const islands = removeSmallRegionsOfRuns(holes.runs, areaPx, "islands");
  const changed = holes.changed || islands.changed;
  return { mask: changed ? withMask(picked, islands.runs) : picked, changed };
}

/**
 * Removes small components and fills small holes; a mask whose largest component is small is dropped (paper,
 * appendix B).
 */
export function cleanPaper(masks: readonly PickedMask[], areaPx: number): PickedMask[] {
  return masks.flatMap((picked) => {
    const cleaned = cleanRegionsOfRuns(picked.mask, areaPx);
    if (!cleaned?.changed) return cleaned ? [picked] : [];
    return [withMask(picked, cleaned.runs)];
  });
}

function withMask(picked: PickedMask, mask: MaskRuns): PickedMask {
  return { ...picked, mask, boxXyxy: boxXyxyOfRuns(mask) };
}
