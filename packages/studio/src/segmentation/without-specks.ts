/** Masks without what the model leaves in them by chance: little islands and holes. */

import { removeSmallRegionsOfRuns, sameRuns } from "@segany/masks";
import { type ImagePrompt, modelInputSize } from "@segany/sam";
import type { Alternative } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import type { OpenImage } from "./types.js";

/**
 * Islands and holes of fewer pixels are specks, as in the paper (appendix B) and in Meta's demo. The pixels
 * are those of the model's frame, so that the same scene has the same specks in a small image and in a large
 * one.
 */
const SPECK_AREA_PX = 100;

/**
 * The same image, whose masks have no specks: what is outlined under the cursor is what a click there cuts
 * out.
 */
export function withoutSpecks(image: OpenImage): OpenImage {
  return {
    ...image,
    predict: async (prompt, options) =>
      (await image.predict(prompt, options)).map((alternative) =>
        cleanAlternative(alternative, prompt, image),
      ),
  };
}

/** Pixels of the image that a pixel of the model's frame covers. */
function modelPixelArea({ width, height, model }: Pick<OpenImage, "width" | "height" | "model">): number {
  const frame = modelInputSize({ width, height }, model);
  return (width * height) / (frame.width * frame.height);
}

/**
 * Fills small holes and removes small islands; the largest island stays, and what was clicked: a click on a
 * button means it, and one that takes a hole away means the hole.
 */
export function cleanAlternative(
  alternative: Alternative,
  { pointCoords = [], pointLabels = [] }: ImagePrompt,
  image: Pick<OpenImage, "width" | "height" | "model">,
): Alternative {
  const thresholdPx = SPECK_AREA_PX * modelPixelArea(image);
  const clicked = (label: 0 | 1) => ({ keepAt: pointCoords.filter((_, i) => pointLabels[i] === label) });
  const filled = removeSmallRegionsOfRuns(alternative.segmentation, thresholdPx, "holes", clicked(0));
  const cleaned = removeSmallRegionsOfRuns(filled.runs, thresholdPx, "islands", clicked(1));
  if (sameRuns(cleaned.runs, alternative.segmentation)) return alternative;
  return { ...alternative, ...measureShape(cleaned.runs) };
}
