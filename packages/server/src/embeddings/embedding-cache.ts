import { rm } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import type { EmbeddingFiles } from "./embedding-records.js";
import { type EmbeddingStore, openEmbeddingStore } from "./embedding-store.js";
import { bytesOf, hasRoomFor, leastRecentlyUsed } from "./eviction.js";

/** Embeddings cached on disk, limited in size; the least recently used are evicted. */
export interface ServerEmbeddingCache extends Pick<EmbeddingStore, "use" | "isCurrent" | "delete"> {
  has(imageId: string): boolean;
  /** Paths for a worker to write to before `add`. */
  temporary(): EmbeddingFiles;
  add(imageId: string, files: EmbeddingFiles): Promise<void>;
  /** Removes files of `temporary` that were not added. */
  discard(files: EmbeddingFiles): Promise<void>;
  bytes(): number;
  /** Whether that many more embeddings fit without an eviction. */
  hasRoomFor(count: number): boolean;
}

/**
 * Opens the cache.
 *
 * @param folder of keys, one per model: embeddings of other models are not usable
 * @param onDamaged receives the key of a damaged embedding, which is then deleted
 */
export async function openServerEmbeddingCache(
  blobs: BlobStore,
  folder: string,
  maxBytes: number,
  onDamaged?: (key: string) => void,
): Promise<ServerEmbeddingCache> {
  const store = await openEmbeddingStore(blobs, folder, onDamaged);
  const { entries } = store;

  async function evict(keep: string): Promise<void> {
    for (const id of leastRecentlyUsed(entries)) {
      if (bytesOf(entries) <= maxBytes) return;
      if (id !== keep) await store.delete(id);
    }
  }

  return {
    has: (id) => entries.has(id),
    use: store.use,
    isCurrent: store.isCurrent,
    temporary() {
      const path = blobs.temporaryPath();
      return { float32Path: `${path}.safetensors`, float16Path: `${path}.f16` };
    },
    async add(id, files) {
      await store.put(id, files);
      await evict(id);
    },
    async discard({ float32Path, float16Path }) {
      await rm(float32Path, { force: true });
      await rm(float16Path, { force: true });
    },
    delete: store.delete,
    bytes: () => bytesOf(entries),
    hasRoomFor: (count) => hasRoomFor(count, entries, maxBytes),
  };
}
