import type { LazySession } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { NamedTensors } from "../model/model-family.js";
import { featureFeeds, pick } from "./feeds.js";

/** Most images whose preparation is cached: 15 MB each. */
const MAX_PREPARED = 4;

/** What the prompts on an image share, computed once per image and cached. */
export interface PreparedImages {
  /** The image's feature maps, and their preparation for the decoder. */
  get(embedding: ImageEmbedding): Promise<NamedTensors>;
  close(): Promise<void>;
}

/** @param preparation runs on an image's feature maps; undefined if the decoder only needs the maps */
export function createPreparedImages(preparation: LazySession | undefined): PreparedImages {
  const prepared = new Map<ImageEmbedding, Promise<NamedTensors>>();

  async function prepare(embedding: ImageEmbedding): Promise<NamedTensors> {
    const features = featureFeeds(embedding);
    if (!preparation) return features;
    const session = await preparation.open();
    return { ...features, ...(await session.run(pick(features, session.inputNames))) };
  }

  return {
    get(embedding) {
      const found = prepared.get(embedding) ?? prepare(embedding);
      prepared.delete(embedding); // a Map keeps the order of insertion: the first is evicted
      prepared.set(embedding, found);
      found.catch(() => prepared.delete(embedding));
      if (prepared.size > MAX_PREPARED) prepared.delete(prepared.keys().next().value!);
      return found;
    },
    async close() {
      prepared.clear();
      await preparation?.close();
    },
  };
}
