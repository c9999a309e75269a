import { type MaskRuns, removeSmallRegionsOfRuns } from "@segany/masks";
import type { ModelIo } from "./model/model-io.js";
import { modelInputSize } from "./preprocessing/prepare-image.js";
import type { ImagePrompt } from "./prompt.js";

/** What specks are. */
export interface SpeckOptions {
  /**
   * Islands and holes of fewer pixels are specks, in pixels of the model's frame: the same scene has the same
   * specks in a small image and in a large one. 100 by default, as in the paper (appendix B).
   */
  readonly areaPx?: number;
  readonly model: Pick<ModelIo, "imageSide" | "fit">;
  /** What was clicked is no speck: a click on a button means it, and one that takes a hole away the hole. */
  readonly prompt?: Pick<ImagePrompt, "pointCoords" | "pointLabels">;
}

/** As in the paper (appendix B) and in Meta's demo; pixels of the model's frame. */
export const SPECK_AREA_PX = 100;

/**
 * Fills the small holes of a mask and removes its small islands, which a model leaves by chance; the largest
 * island stays.
 *
 * @param mask of the whole image
 *
 * @example
 * import { areaOfRuns, maskToRuns } from "@segany/masks";
 * await using sam = await loadSam();
 * const runs = maskToRuns(mask);
 * console.log(areaOfRuns(removeSpecks(runs, { areaPx: 0, model: sam.model })) === areaOfRuns(runs)); // true
 */
export function removeSpecks(
  mask: MaskRuns,
  { areaPx = SPECK_AREA_PX, model, prompt: { pointCoords = [], pointLabels = [] } = {} }: SpeckOptions,
): MaskRuns {
  const frame = modelInputSize(mask, model);
  const thresholdPx = (areaPx * (mask.width * mask.height)) / (frame.width * frame.height);
  const clicked = (label: 0 | 1) => ({ keepAt: pointCoords.filter((_, i) => pointLabels[i] === label) });
  const filled = removeSmallRegionsOfRuns(mask, thresholdPx, "holes", clicked(0));
  return removeSmallRegionsOfRuns(filled.runs, thresholdPx, "islands", clicked(1)).runs;
}
