import type { LazySession } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { WindowMasks } from "../model/decoded-masks.js";
import type { FovealDecoder, NamedTensors } from "../model/model-family.js";
import type { PackedPrompts } from "../model/prompt-batch.js";
import { valuesOf } from "./decoded-values.js";
import { pick, promptFeeds } from "./feeds.js";
import type { PreparedImages } from "./prepared-images.js";

/** Decodes only a window of the image at full resolution; see `FovealDecoder`. */
export interface CloseLook {
  /** Side of the window, pixels of the model's frame. */
  readonly windowPx: number;
  /**
   * Decodes nearby points.
   *
   * @param prompts one point each, at most `MAX_BATCH`
   * @param centre preferred centre of the window, pixels of the model's frame
   */
  look(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    centre: readonly [x: number, y: number],
  ): Promise<WindowMasks>;
}

/**
 * Creates it from a foveal graph.
 *
 * @param decoder runs the foveal graph
 * @param source file of the weights, for messages
 */
export function createCloseLook(
  foveal: FovealDecoder,
  decoder: LazySession,
  images: PreparedImages,
  source: string,
): CloseLook {
  return {
    windowPx: foveal.windowPx,
    async look(embedding, prompts, [centreX, centreY]) {
      const session = await decoder.open();
      const { inputs, ...window } = foveal.place(centreX, centreY);
      const feeds: NamedTensors = {
        ...(await images.get(embedding)),
        ...promptFeeds(prompts, 0, prompts.batch),
        ...inputs,
      };
      const { lowResLogits, ...rated } = valuesOf(await session.run(pick(feeds, session.inputNames)), source);
      return { ...rated, logits: lowResLogits, ...window };
    },
  };
}
