import type { BlobStore } from "../blobs/blob-store.js";
import type { EmbeddingDtype, EmbeddingStatus } from "../contract/images.js";
import { ServerError } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import type { VersionModel } from "../inference/messages.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import type { Limits } from "../options.js";
import { openServerEmbeddingCache } from "./embedding-cache.js";
import type { EmbeddingFiles } from "./embedding-records.js";
import { type EmbeddingValues, openEmbeddingValues } from "./embedding-values.js";
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

/** How often work on an embedding is started if its files are evicted or damaged before it has read them. */
const MAX_ATTEMPTS = 3;

/** Embeddings of images: read from the disk cache, or encoded once for all who wait. */
export interface EmbeddingService {
  /**
   * Waits for the embedding, prefetches those of the next images, and runs the work on its files. The work
   * runs again if it fails because the files were evicted, deleted or damaged before it had read them.
   *
   * @throws ServerError `not-found`, `image-unreadable`, `image-too-large`, `too-many-requests`,
   *   `overloaded`; the error of the work
   */
  use<T>(imageId: string, wish: EmbeddingWish, work: (files: EmbeddingFiles) => Promise<T>): Promise<T>;
  /** Opens the values for streaming. The caller reads or destroys `values`. */
  openValues(imageId: string, wish: EmbeddingWish, dtype: EmbeddingDtype): Promise<EmbeddingValues>;
  status(imageId: string): EmbeddingStatus;
  /** Calls the listener on every change until the returned function is called. */
  watch(imageId: string, listener: (status: EmbeddingStatus) => void): () => void;
  /** Prefetches: encodes the image when there is nothing more urgent. */
  ahead(imageId: string): void;
  forget(imageId: string): Promise<void>;
  /** Size of the cache on disk, bytes. */
  bytes(): number;
}

/** Another image encoder than the server's. */
export interface OtherEncoder {
  /** SHA-256 of the checkpoint that it comes from. */
  readonly encoder: string;
  /** A version that has it. */
  readonly version: VersionModel;
}

export interface EmbeddingServiceOptions {
  /** Receives the key of a damaged embedding, which is then encoded again. */
  readonly onDamaged?: ((key: string) => void) | undefined;
  /** Undefined for the server's model. */
  readonly other?: OtherEncoder | undefined;
}

export async function openEmbeddingService(
  blobs: BlobStore,
  images: ImageStore,
  pool: WorkerPool,
  limits: Limits,
  { onDamaged, other }: EmbeddingServiceOptions = {},
): Promise<EmbeddingService> {
  const { checkpointSha256, precision } = pool.model;
  const folder = `embeddings/${(other?.encoder ?? checkpointSha256).slice(0, 16)}-${precision}`;
  const cache = await openServerEmbeddingCache(blobs, folder, limits.maxEmbeddingBytes, onDamaged);
  const board = createStatusBoard();
  const encodings = createEncodings({
    ...{ blobs, cache, board, pool, maxPixels: limits.maxPixels },
    version: other?.version,
  });

  function ahead(id: string): void {
    if (cache.has(id) || encodings.has(id) || encodings.size >= MAX_AHEAD) return;
    if (!cache.hasRoomFor(encodings.size + 1)) return; // a prefetch never evicts
    void encodings.encode(id, PRIORITY.ahead).catch(() => undefined);
  }

  /** @returns undefined if it was evicted already */
  async function get(
    id: string,
    { client, isForJob = false }: EmbeddingWish,
  ): Promise<EmbeddingFiles | undefined> {
    await images.get(id);
    const there = await cache.use(id);
    if (!there) await encodings.encode(id, isForJob ? PRIORITY.job : PRIORITY.encode, client);
    for (const image of await images.after(id, NEXT_IMAGES)) ahead(image.id);
    return there ?? cache.use(id);
  }

  const use: EmbeddingService["use"] = async (id, wish, work) => {
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
      const files = await get(id, wish);
      if (!files) continue;
      try {
        return await work(files);
      } catch (error) {
        if (await cache.isCurrent(id, files)) throw error;
      }
    }
    await images.get(id);
    throw new ServerError("overloaded", "The embedding was evicted before it could be read; retry.", {
      retryAfterS: 1,
    });
  };

  return {
    ahead,
    status: (id) => board.get(id) ?? { state: cache.has(id) ? "ready" : "none" },
    watch: board.watch,
    use,
    openValues: (id, wish, dtype) => use(id, wish, (files) => openEmbeddingValues(files, dtype)),
    async forget(id) {
      board.forget(id);
      await cache.delete(id);
    },
    bytes: cache.bytes,
  };
}
