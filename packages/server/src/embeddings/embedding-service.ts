import type { BlobStore } from "../blobs/blob-store.js";
import type { EmbeddingStatus } from "../contract/images.js";
import { ServerError, WorkerLostError } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import type { Limits } from "../options.js";
import { imageKeys } from "../records/stored-image.js";
import { type EmbeddingFiles, openEmbeddingCache } from "./embedding-cache.js";
import { createStatusBoard } from "./status-board.js";

/** Images that wait to be encoded ahead of need, at most. */
const MAX_AHEAD = 8;

/** Images after the one that was asked for that are encoded ahead. */
const NEXT_IMAGES = 2;

/** Embeddings of images: from disk, or made once however many ask. */
export interface EmbeddingService {
  /**
   * Waits until it is there, and has the next images encoded ahead.
   *
   * @throws ServerError `not-found`, `image-unreadable`, `image-too-large`, `overloaded`
   */
  get(imageId: string): Promise<EmbeddingFiles>;
  status(imageId: string): EmbeddingStatus;
  /** Hears of every change until the returned function is called. */
  watch(imageId: string, listener: (status: EmbeddingStatus) => void): () => void;
  /** Encodes when nothing more urgent is to be done. */
  ahead(imageId: string): void;
  forget(imageId: string): Promise<void>;
  /** Bytes on disk. */
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
  const wanted = new Set<string>(); // somebody waits for these; the others are work ahead

  async function make(id: string): Promise<void> {
    const files = cache.temporary();
    board.queue(id);
    try {
      const picturePath = await blobs.localPath(imageKeys.file(id));
      const task = { picturePath, maxPixels: limits.maxPixels, ...files };
      const priority = () => (wanted.has(id) ? PRIORITY.encode : PRIORITY.ahead);
      const call = () => pool.call("encode", task, { priority, onBegin: () => board.begin(id) });
      await call().catch((error: unknown) => {
        if (!(error instanceof WorkerLostError)) throw error;
        board.queue(id);
        return call(); // its process may have been killed for something else: it gets one more
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

  /** One encoding, however many wait for it. */
  function encode(id: string): Promise<void> {
    const running = making.get(id);
    if (running) return running;
    const done = make(id);
    making.set(id, done);
    done.catch(() => undefined); // who waits hears of it through `done`; nobody waits for work ahead
    return done;
  }

  function ahead(id: string): void {
    if (cache.has(id) || making.has(id) || making.size >= MAX_AHEAD) return;
    if (!cache.hasRoomFor(making.size + 1)) return; // what may be needed does not push out what was
    void encode(id).catch(() => undefined);
  }

  return {
    ahead,
    status: (id) => board.get(id) ?? { state: cache.has(id) ? "ready" : "none" },
    watch: board.watch,
    async get(id) {
      await images.get(id);
      const there = await cache.use(id);
      if (!there) {
        wanted.add(id);
        await encode(id);
      }
      for (const image of await images.after(id, NEXT_IMAGES)) ahead(image.id);
      const files = there ?? (await cache.use(id));
      if (files) return files;
      throw new ServerError("overloaded", "The embedding was let go at once; ask again.", { retryAfterS: 1 });
    },
    async forget(id) {
      board.forget(id);
      await cache.delete(id);
    },
    bytes: cache.bytes,
  };
}
