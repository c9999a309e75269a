import type { Objective } from "../step/objective.js";
import type { Parameters } from "../step/parameters.js";
import { chosenMasks } from "./chosen-masks.js";
import type { ClipVectors } from "./clip-vectors.js";
import type { ViewTarget } from "./image-views.js";
import { promptFeeds } from "./prompt-feeds.js";
import type { EncodedImage } from "./train-image.js";

/** What validates words. */
export interface WordValidation {
  /** With CLIP's features as an input; needs no gradients. */
  readonly objective: Objective;
  readonly vectors: ClipVectors;
}

/** An image to validate on. */
export interface ValidationImage extends EncodedImage {
  readonly targets: readonly ViewTarget[];
}

/**
 * IoU of the name of each class on an image, with the mask that the model is most sure of. A name has one
 * mask: of several objects of a class, the one that it fits best counts.
 */
export async function wordIous(
  { objective, vectors }: WordValidation,
  parameters: Parameters,
  { features, targets }: ValidationImage,
): Promise<number[]> {
  const named = targets.filter(({ object }) => object.className !== undefined);
  if (named.length === 0) return [];
  const names = named.map(({ object }) => object.className!);
  const feeds = promptFeeds(
    named.map(() => ({})),
    named,
    true,
    await vectors.ofWords(names),
  );
  const { outputs } = await objective.run(parameters, { ...features, ...feeds });
  const best = new Map<string, number>();
  chosenMasks(outputs, true).forEach(({ actualIou }, i) => {
    best.set(names[i]!, Math.max(actualIou, best.get(names[i]!) ?? 0));
  });
  return [...best.values()];
}
