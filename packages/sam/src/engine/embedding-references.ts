/** Sends embeddings, which are megabytes, only once over a channel and then refers to them by number. */

import { SamError } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";

/** Embeddings that the working side keeps, besides those in transit. */
const KEPT = 4;

/** A request with references instead of embeddings. */
export interface RemoteRequest {
  readonly request: unknown;
  /** Numbers of all embeddings that the working side keeps from now on; it releases the others. */
  readonly kept: readonly number[];
  /** Number for the reply, if that is an embedding. */
  readonly reply: number;
}

/** A reference to an embedding, with its values the first time. */
interface EmbeddingReference {
  readonly embeddingId: number;
  readonly embedding?: ImageEmbedding;
}

/** The calling side's view of the embeddings on the working side. */
export interface EmbeddingSender {
  /** Makes a call with references instead of embeddings, and tracks an embedding in the reply. */
  send<Reply>(request: unknown, call: (request: RemoteRequest) => Promise<Reply>): Promise<Reply>;
}

export function createEmbeddingSender(): EmbeddingSender {
  const ids = new WeakMap<object, number>();
  /** the most recently used are last */
  const recent = new Set<number>();
  const awaited = new Set<number>();
  let serial = 0;

  function touch(id: number): void {
    recent.delete(id);
    recent.add(id);
    for (const old of recent) if (recent.size > KEPT) recent.delete(old);
  }

  function refer(embedding: ImageEmbedding): EmbeddingReference {
    const known = ids.get(embedding);
    const isThere = known !== undefined && recent.has(known);
    const embeddingId = isThere ? known : serial++;
    ids.set(embedding, embeddingId);
    touch(embeddingId);
    return { embeddingId, ...(!isThere && { embedding }) };
  }

  return {
    async send(request, call) {
      const reply = serial++;
      const packed = mapValues(request, (value) => (isEmbedding(value) ? refer(value) : value));
      awaited.add(reply);
      try {
        const value = await call({ request: packed, kept: [...recent, ...awaited], reply });
        if (isEmbedding(value)) {
          ids.set(value, reply);
          touch(reply);
        }
        return value;
      } finally {
        awaited.delete(reply);
      }
    },
  };
}

/** The working side's cache. */
export interface EmbeddingReceiver {
  /**
   * Resolves the references in a request. Call it when a request arrives, in order: later requests may
   * release embeddings that this one needs.
   *
   * @throws SamError `embedding-invalid` if an embedding was released
   */
  receive(request: RemoteRequest): unknown;
  /** Caches a reply that is an embedding. */
  keep(request: RemoteRequest, reply: unknown): void;
}

export function createEmbeddingReceiver(): EmbeddingReceiver {
  const kept = new Map<number, ImageEmbedding>();

  function resolve({ embeddingId, embedding = kept.get(embeddingId) }: EmbeddingReference): ImageEmbedding {
    if (!embedding)
      throw new SamError("embedding-invalid", "The image's embedding was evicted; set the image again.");
    kept.set(embeddingId, embedding);
    return embedding;
  }

  return {
    receive({ request, kept: wanted }) {
      for (const id of kept.keys()) if (!wanted.includes(id)) kept.delete(id);
      return mapValues(request, (value) => (isReference(value) ? resolve(value) : value));
    },
    keep({ reply: id }, reply) {
      if (isEmbedding(reply)) kept.set(id, reply);
    },
  };
}

/** Maps the values of an object; returns the argument itself if nothing changes or it is not an object. */
function mapValues(value: unknown, change: (value: unknown) => unknown): unknown {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, old]) => [key, old, change(old)] as const);
  if (entries.every(([, old, changed]) => changed === old)) return value;
  return Object.fromEntries(entries.map(([key, , changed]) => [key, changed]));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isEmbedding(value: unknown): value is ImageEmbedding {
  return isObject(value) && "model" in value;
}

function isReference(value: unknown): value is EmbeddingReference {
  return isObject(value) && "embeddingId" in value;
}
