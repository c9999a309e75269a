import type { BlobStore } from "../blobs/blob-store.js";
import type { EmbeddingStatus } from "../contract/images.js";
import { ServerError, WorkerLostError } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import { PRIORITY, type Priority, type WorkerPool } from "../inference/worker-pool.js";
import type { Limits } from "../options.js";
import { imageKeys } from "../records/stored-image.js";
import { type EmbeddingFiles, openEmbeddingCache } from "./embedding-cache.js";
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
  const making = new Map<string, Promise<void>>();
  const wanted = new Map<string, Priority>(); // a client waits for these; the others are prefetched

  async function make(id: string, client: string | undefined): Promise<void> {
    const files = cache.temporary();
    board.queue(id);
    try {
      const picturePath = await blobs.localPath(imageKeys.file(id));
      const task = { picturePath, maxPixels: limits.maxPixels, ...files };
      const priority = () => wanted.get(id) ?? PRIORITY.ahead;
      const call = () => pool.call("encode", task, { priority, client, onBegin: () => board.begin(id) });
      await call().catch((error: unknown) => {
        if (!(error instanceof WorkerLostError)) throw error;
        board.queue(id);
        return call(); // its process may have been killed for another reason: retry once
      });
      await cache.add(id, files);
      board.succeed(id);
    } catch (error) {
      board.fail(id, apiErrorOf(error).message);
      throw error;
    } finally {
      wanted.delete(id);
      making.delete(id);
      await cache.discard(files);
    }
  }

  /** Encodes an image once for all who wait. */
  function encode(id: string, client?: string): Promise<void> {
    const running = making.get(id);
    if (running) return running;
    const done = make(id, client);
    making.set(id, done);
    done.catch(() => undefined); // waiting callers get the error through `done`; nobody waits for a prefetch
    return done;
  }

  function ahead(id: string): void {
    if (cache.has(id) || making.has(id) || making.size >= MAX_AHEAD) return;
    if (!cache.hasRoomFor(making.size + 1)) return; // a prefetch never evicts
    void encode(id).catch(() => undefined);
  }

  return {
    ahead,
    status: (id) => board.get(id) ?? { state: cache.has(id) ? "ready" : "none" },
    watch: board.watch,
    async get(id, { client, isForJob = false } = {}) {
      await images.get(id);
      const there = await cache.use(id);
      if (!there) {
        if (!isForJob) wanted.set(id, PRIORITY.encode);
        else if (!wanted.has(id)) wanted.set(id, PRIORITY.job);
        await encode(id, client);
      }
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
