/** Embeddings are megabytes: over a channel each is sent once and then named by a number. */

import { SamError } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";

/** Embeddings that the working side keeps. */
const KEPT = 4;

/** An embedding on its way: with its values the first time, by number afterwards. */
export interface EmbeddingReference {
  readonly id: number;
  readonly embedding?: ImageEmbedding;
  /** Numbers that the working side may forget. */
  readonly forget: readonly number[];
}

/** The calling side's view of what the working side has. */
export interface EmbeddingSender {
  /** A number for an embedding that the working side is about to make. */
  announce(): EmbeddingReference;
  /** Tells which embedding an announced number stands for. */
  bind(id: number, embedding: ImageEmbedding): void;
  refer(embedding: ImageEmbedding): EmbeddingReference;
}

export function createEmbeddingSender(): EmbeddingSender {
  const ids = new WeakMap<ImageEmbedding, number>();
  const recent: number[] = [];
  let serial = 0;

  function touch(id: number): readonly number[] {
    const place = recent.indexOf(id);
    if (place >= 0) recent.splice(place, 1);
    recent.push(id);
    return recent.splice(0, Math.max(0, recent.length - KEPT));
  }

  return {
    announce() {
      const id = serial++;
      return { id, forget: touch(id) };
    },
    bind: (id, embedding) => void ids.set(embedding, id),
    refer(embedding) {
      const known = ids.get(embedding);
      if (known !== undefined && recent.includes(known)) return { id: known, forget: touch(known) };
      const id = serial++;
      ids.set(embedding, id);
      return { id, embedding, forget: touch(id) };
    },
  };
}

/** The working side's store. */
export interface EmbeddingReceiver {
  resolve(reference: EmbeddingReference): ImageEmbedding;
  keep(reference: EmbeddingReference, embedding: ImageEmbedding): void;
}

export function createEmbeddingReceiver(): EmbeddingReceiver {
  const kept = new Map<number, ImageEmbedding>();

  function keep({ id, forget }: EmbeddingReference, embedding: ImageEmbedding): void {
    for (const old of forget) kept.delete(old);
    kept.set(id, embedding);
  }

  return {
    keep,
    resolve(reference) {
      const embedding = reference.embedding ?? kept.get(reference.id);
      if (!embedding)
        throw new SamError(
          "embedding-invalid",
          "The image's embedding is no longer there; set the image again.",
        );
      keep(reference, embedding);
      return embedding;
    },
  };
}
