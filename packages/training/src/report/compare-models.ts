import { atEqualSteps } from "@segany/evaluation";
import type { ImageEmbedding, Sam } from "@segany/sam";
import type { TrainingSample } from "../data/training-sample.js";
import { type AnswerOptions, answerImages, type ComparedImage } from "./answer-images.js";
import { clicksOf } from "./click-objects.js";
import type { ModelComparison } from "./run-page.js";

/** Which models are compared on what. */
export interface CompareOptions {
  readonly samples: readonly TrainingSample[];
  /** Objects of each image. */
  readonly objects: number;
  /** Images on which everything is segmented, too. */
  readonly everything: number;
  /** Opens the model as it was, and the trained one; this closes them. */
  readonly openBefore: () => Promise<Sam>;
  readonly openAfter: () => Promise<Sam>;
  /** Embeddings of the model as it was; `sharesEncoder` says that they are those of the trained one, too. */
  readonly embed: (sample: TrainingSample) => Promise<ImageEmbedding>;
  readonly sharesEncoder: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

/** Images that are compared at most: pages stay a matter of a minute. */
const MOST_IMAGES = 40;

/** Asks both models for the same objects, one model after the other. */
export async function compareModels(options: CompareOptions): Promise<ModelComparison> {
  const { openBefore, openAfter, embed, sharesEncoder, signal, onProgress } = options;
  const images = chooseImages(options);
  let done = 0;
  const answer = async (open: () => Promise<Sam>, encoding: Pick<AnswerOptions, "embed">) => {
    const sam = await open();
    try {
      const onImage = () => onProgress(++done, 2 * images.length);
      return await answerImages(sam, images, { ...encoding, signal, onImage });
    } finally {
      await sam.close();
    }
  };
  const before = await answer(openBefore, { embed });
  const after = await answer(openAfter, sharesEncoder ? { embed } : {});
  return { images, before, after };
}

function chooseImages({ samples, objects, everything }: CompareOptions): ComparedImage[] {
  const chosen = atEqualSteps(samples, MOST_IMAGES);
  const inFull = new Set(atEqualSteps(chosen, everything));
  return chosen.map((sample) => ({
    sample,
    objects: clicksOf(sample, atEqualSteps(sample.masks, objects)),
    everything: inFull.has(sample),
  }));
}
