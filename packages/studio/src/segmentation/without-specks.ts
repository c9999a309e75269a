/** Masks without what the model leaves in them by chance: little islands and holes. */

import { removeSmallRegionsOfRuns, sameRuns } from "@segany/masks";
import { type ImagePrompt, modelInputSize } from "@segany/sam";
import type { Candidate } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import type { OpenPicture } from "./types.js";

/**
 * Islands and holes of fewer pixels are specks, as in the paper (appendix B) and in Meta's demo. The pixels are those of
 * the model's frame, so that the same scene has the same specks in a small picture and in a large one.
 */
const SPECK_AREA_PX = 100;

/** The same picture, whose masks have no specks: what is outlined under the cursor is what a click there cuts out. */
export function withoutSpecks(picture: OpenPicture): OpenPicture {
  return {
    ...picture,
    predict: async (prompt, options) =>
      (await picture.predict(prompt, options)).map((candidate) => cleanCandidate(candidate, prompt, picture)),
  };
}

/** Pixels of the picture that a pixel of the model's frame covers. */
function modelPixelArea({ width, height, model }: Pick<OpenPicture, "width" | "height" | "model">): number {
  const frame = modelInputSize({ width, height }, model);
  return (width * height) / (frame.width * frame.height);
}

/**
 * Fills small holes and removes small islands; the largest island stays, and what was clicked: a click on a button means
 * it, and one that takes a hole away means the hole.
 */
export function cleanCandidate(
  candidate: Candidate,
  { pointCoords = [], pointLabels = [] }: ImagePrompt,
  picture: Pick<OpenPicture, "width" | "height" | "model">,
): Candidate {
  const thresholdPx = SPECK_AREA_PX * modelPixelArea(picture);
  const clicked = (label: 0 | 1) => ({ keepAt: pointCoords.filter((_, i) => pointLabels[i] === label) });
  const filled = removeSmallRegionsOfRuns(candidate.segmentation, thresholdPx, "holes", clicked(0));
  const cleaned = removeSmallRegionsOfRuns(filled.runs, thresholdPx, "islands", clicked(1));
  if (sameRuns(cleaned.runs, candidate.segmentation)) return candidate;
  return { ...candidate, ...measureShape(cleaned.runs) };
}
