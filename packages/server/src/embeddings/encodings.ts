import type { BlobStore } from "../blobs/blob-store.js";
import { WorkerLostError } from "../errors.js";
import type { VersionModel } from "../inference/messages.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import type { Priority, WorkerPool } from "../inference/worker-pool.js";
import { imageKeys } from "../records/stored-image.js";
import type { ServerEmbeddingCache } from "./embedding-cache.js";
import type { StatusBoard } from "./status-board.js";

/** Encodings under way: one per image, for all who wait. */
export interface Encodings {
  /**
   * Encodes an image into the cache, or joins its encoding, which then has the more urgent priority.
   *
   * @param client who requested it first; undefined for the server itself
   * @throws ServerError of the worker or the disk
   */
  encode(imageId: string, priority: Priority, client?: string): Promise<void>;
  has(imageId: string): boolean;
  readonly size: number;
}

export interface EncodingsOptions {
  readonly blobs: BlobStore;
  readonly cache: ServerEmbeddingCache;
  readonly board: StatusBoard;
  readonly pool: WorkerPool;
  /** Larger images are refused. */
  readonly maxPixels: number;
  /** Undefined for the server's model. */
  readonly version?: VersionModel | undefined;
}

export function createEncodings({
  blobs,
  cache,
  board,
  pool,
  maxPixels,
  version,
}: EncodingsOptions): Encodings {
  const running = new Map<string, Promise<void>>();
  const priorities = new Map<string, Priority>();

  async function make(id: string, client: string | undefined): Promise<void> {
    const files = cache.temporary();
    board.queue(id);
    try {
      const imagePath = await blobs.localPath(imageKeys.file(id));
      const task = { ...(version && { version }), imagePath, maxPixels, ...files };
      const priority = () => priorities.get(id)!;
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
      priorities.delete(id);
      running.delete(id);
      await cache.discard(files);
    }
  }

  function start(id: string, client: string | undefined): Promise<void> {
    const done = make(id, client);
    running.set(id, done);
    done.catch(() => undefined); // waiting callers get the error through `done`; nobody waits for a prefetch
    return done;
  }

  return {
    encode(id, priority, client) {
      const earlier = priorities.get(id);
      if (earlier === undefined || priority < earlier) priorities.set(id, priority);
      return running.get(id) ?? start(id, client);
    },
    has: (id) => running.has(id),
    get size() {
      return running.size;
    },
  };
}
