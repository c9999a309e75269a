import type { CallOptions } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { isEmbedding } from "../proposals/types.js";
import { createFoundCandidates } from "./found-candidates.js";
import type { Engine } from "./types.js";

/** The engines of a search. */
export interface SearchEngines {
  encode(image: PreparedImage, call?: CallOptions): Promise<ImageEmbedding>;
  /** Runs work on the device, and again on the trusted engine if the device fails. */
  withDecoder<T>(work: (engine: Engine, isDevice: boolean) => Promise<T>): Promise<T>;
  /** The engine that currently decodes, if open. */
  current(): Promise<Engine | undefined>;
}

/** Everything mode on a device that may be lost: the trusted engine then finds the candidates again. */
export function createFallbackSearch(engines: SearchEngines): Pick<Engine, "propose" | "select" | "release"> {
  const { encode, withDecoder, current } = engines;
  const found = createFoundCandidates();
  return {
    async propose(task, call = {}) {
      const start = performance.now();
      const input = isEmbedding(task.input) ? task.input : await encode(task.input, call);
      const encodeMs = performance.now() - start;
      const embedded = { ...task, input };
      const timings = await withDecoder(async (engine, isDevice) => {
        if (!isDevice) await found.findAgain(task.searchId, engine);
        const proposed = await engine.propose(embedded, call);
        if (isDevice) found.add(embedded);
        return proposed;
      });
      return { ...timings, encodeMs };
    },
    select: (request, call) =>
      withDecoder(async (engine, isDevice) => {
        if (!isDevice) await found.findAgain(request.searchId, engine);
        return engine.select(request, call);
      }),
    async release(searchId) {
      found.forget(searchId);
      await (await current())?.release(searchId);
    },
  };
}
