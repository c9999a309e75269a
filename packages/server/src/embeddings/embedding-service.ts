import type { BlobStore } from "../blobs/blob-store.js";
import type { EmbeddingStatus } from "../contract/images.js";
import { ServerError } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import type { Limits } from "../options.js";
import { openEmbeddingCache } from "./embedding-cache.js";
import type { EmbeddingFiles } from "./embedding-store.js";
import { createEncodings } from "./encodings.js";
import { createStatusBoard } from "./status-board.js";

/** Most images that wait to be prefetched. */
const MAX_AHEAD = 8;

/** Number of images after a requested one to prefetch. */
const NEXT_IMAGES = 2;

/** Who requests an embedding. */
export interface EmbeddingWish {
  /** Undefined for requests of the server itself. */
  readonly client?: string | undefined;
  /** Whether a job needs it; requests of people go first. */
  readonly isForJob?: boolean;
}

/** Embeddings of images: read from the disk cache, or encoded once for all who wait. */
export interface EmbeddingService {
  /**
   * Waits for the embedding, and prefetches those of the next images.
   *
   * @throws ServerError `not-found`, `image-unreadable`, `image-too-large`, `too-many-requests`, `overloaded`
   */
  get(imageId: string, wish?: EmbeddingWish): Promise<EmbeddingFiles>;
  status(imageId: string): EmbeddingStatus;
  /** Calls the listener on every change until the returned function is called. */
  watch(imageId: string, listener: (status: EmbeddingStatus) => void): () => void;
  /** Prefetches: encodes the image when there is nothing more urgent. */
  ahead(imageId: string): void;
  forget(imageId: string): Promise<void>;
  /** Size of the cache on disk, bytes. */
  bytes(): number;
}

export async function openEmbeddingService(
  blobs: BlobStore,
  images: ImageStore,
  pool: WorkerPool,
  limits: Limits,
): Promise<EmbeddingService> {
  const { checkpointSha256, precision } = pool.model;
  const folder = `embeddings/${checkpointSha256.slice(0, 16)}-${precision}`;
  const cache = await openEmbeddingCache(blobs, folder, limits.maxEmbeddingBytes);
  const board = createStatusBoard();
  const encodings = createEncodings({ blobs, cache, board, pool, maxPixels: limits.maxPixels });

  function ahead(id: string): void {
    if (cache.has(id) || encodings.has(id) || encodings.size >= MAX_AHEAD) return;
    if (!cache.hasRoomFor(encodings.size + 1)) return; // a prefetch never evicts
    void encodings.encode(id, PRIORITY.ahead).catch(() => undefined);
  }

  return {
    ahead,
    status: (id) => board.get(id) ?? { state: cache.has(id) ? "ready" : "none" },
    watch: board.watch,
    async get(id, { client, isForJob = false } = {}) {
      await images.get(id);
      const there = await cache.use(id);
      if (!there) await encodings.encode(id, isForJob ? PRIORITY.job : PRIORITY.encode, client);
      for (const image of await images.after(id, NEXT_IMAGES)) ahead(image.id);
      const files = there ?? (await cache.use(id));
      if (files) return files;
      throw new ServerError("overloaded", "The embedding was evicted before it could be read; retry.", {
        retryAfterS: 1,
      });
    },
    async forget(id) {
      board.forget(id);
      await cache.delete(id);
    },
    bytes: cache.bytes,
  };
}
