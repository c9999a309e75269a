import type { Graph } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { throwIfAborted } from "@segany/masks";
import { type CallOptions, type LazySession, lazySession, type SessionOpener } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import type { DecoderOptions } from "../model/graph-options.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import { type CloseLook, createCloseLook } from "./close-look.js";
import { type JoinedMasks, joinedMasks, valuesOf } from "./decoded-values.js";
import { checkSizes, pick, promptFeeds } from "./feeds.js";
import type { RecognisedModel } from "./model-info.js";
import { createPreparedImages } from "./prepared-images.js";

/** Most prompts per run: larger batches are not faster, and need 80 MB per prompt (docs/performance.md). */
export const MAX_BATCH = 8;

/**
 * Most prompts per run of a search in an engine that prompts images, too: a click waits for the run under
 * way. Runs this small take 6 % more processor time.
 */
export const SHARED_BATCH = 4;
/** The same after a click, for as many runs: clicks seldom come alone. */
export const CLICKED_BATCH = 2;
export const CLICKED_RUNS = 32;

/** Runs the mask decoder in the form that a batch needs. */
export interface Decoder {
  decode(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    masks: MaskTokens,
    options?: CallOptions,
  ): Promise<DecodedMasks>;
  /** Undefined if the model has no such form. */
  readonly closeLook?: CloseLook | undefined;
  close(): Promise<void>;
}

export function createDecoder(
  { model, family }: RecognisedModel,
  { tensors, load, source }: StateDict,
  openSession: SessionOpener,
  maxBatch = MAX_BATCH,
): Decoder {
  const { architecture } = model;
  const lazily = (graph: () => Graph) => lazySession(() => openSession(graph(), load));
  const images = createPreparedImages(
    family.preparation && lazily(() => family.preparation!(tensors, architecture)),
  );
  const foveal = family.foveal?.(architecture);
  const fovealSession = foveal && lazily(() => foveal.graph(tensors));
  const variants = new Map<string, LazySession>();

  function variant(options: DecoderOptions): LazySession {
    const key = JSON.stringify(options);
    const session = variants.get(key) ?? lazily(() => family.decoder(tensors, architecture, options));
    variants.set(key, session);
    return session;
  }

  return {
    async decode(embedding, prompts, masks, { signal } = {}) {
      checkSizes(prompts, model);
      const session = await variant(optionsFor(prompts, masks)).open();
      const shared = await images.get(embedding);
      const { batch } = prompts;
      let joined: JoinedMasks | undefined;
      for (let start = 0; start < batch; start += maxBatch) {
        throwIfAborted(signal);
        const end = Math.min(start + maxBatch, batch);
        const feeds = { ...shared, ...promptFeeds(prompts, start, end) };
        const part = valuesOf(await session.run(pick(feeds, session.inputNames)), source);
        if (end - start === batch) return { batch, ...part };
        joined ??= joinedMasks(part, end, batch);
        joined.put(part, start);
      }
      return { batch, ...joined!.values };
    },
    closeLook: foveal && fovealSession && createCloseLook(foveal, fovealSession, images, source),
    async close() {
      await images.close();
      await fovealSession?.close();
      for (const session of variants.values()) await session.close();
    },
  };
}

/** The decoder options for a batch. */
function optionsFor({ ragged, maskInput, extraTokens }: PackedPrompts, masks: MaskTokens): DecoderOptions {
  return {
    masks,
    ragged,
    maskInput: maskInput !== undefined,
    extraTokens: extraTokens !== undefined,
  };
}
