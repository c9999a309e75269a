/** Masks without what the model leaves in them by chance: little islands and holes. */

import { sameRuns } from "@segany/masks";
import { type ImagePrompt, removeSpecks } from "@segany/sam";
import type { Alternative } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import type { OpenImage } from "./types.js";

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

function cleanAlternative(
  alternative: Alternative,
  prompt: ImagePrompt,
  { model }: Pick<OpenImage, "model">,
): Alternative {
  const cleaned = removeSpecks(alternative.segmentation, { model, prompt });
  return sameRuns(cleaned, alternative.segmentation)
    ? alternative
    : { ...alternative, ...measureShape(cleaned) };
}
