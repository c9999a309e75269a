/** CLIP's features as prompts: of objects in training, of their classes' names in validation. */
import { areaOfRuns } from "@segany/masks";
import type { Clip } from "@segany/sam/text";
import { cropForPrompt, embedPhrases } from "@segany/sam/training";
import { readTrainingImage, type TrainingSample } from "../data/training-sample.js";
import type { Random } from "../random/random.js";
import type { ViewTarget } from "./image-views.js";

/** Share of the crops that show only the object. */
const ZEROED = 0.5;

/** What makes vectors of objects and of words. */
export interface ClipVectors {
  /** Values of a vector. */
  readonly width: number;
  /** The targets whose objects are large enough. */
  embeddable<T extends ViewTarget>(targets: readonly T[]): T[];
  /**
   * Of each object a vector of length 1: a crop of 1 to 2 times its box at random, half of them with all
   * other pixels zero.
   */
  ofObjects(random: Random, image: TrainingSample, targets: readonly ViewTarget[]): Promise<Float32Array[]>;
  /** Of each word the vector that takes an object's place. */
  ofWords(words: readonly string[]): Promise<Float32Array[]>;
}

/** @param minArea least pixels of an object in its image */
export function clipVectors(clip: Clip, minArea: number): ClipVectors {
  const known = new Map<string, Float32Array>();
  return {
    width: clip.architecture.featureSize,
    embeddable: (targets) => targets.filter(({ object }) => areaOfRuns(object.runs()) >= minArea),
    async ofObjects(random, image, targets) {
      const pixels = await readTrainingImage(image);
      const crops = targets.map(({ object }) =>
        cropForPrompt(pixels, object.runs(), { context: random.unit(), zeroed: random.unit() < ZEROED }),
      );
      return clip.embedObjects(crops);
    },
    async ofWords(words) {
      const unknown = [...new Set(words)].filter((word) => !known.has(word));
      const vectors = await embedPhrases(clip, unknown);
      unknown.forEach((word, i) => {
        known.set(word, vectors[i]!);
      });
      return words.map((word) => known.get(word)!);
    },
  };
}
