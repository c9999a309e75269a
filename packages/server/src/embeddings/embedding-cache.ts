import { rm } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import { EMBEDDING_NAME } from "../folder/own-names.js";

/** An embedding as local files. */
export interface EmbeddingFiles {
  /** `.safetensors` with all metadata. */
  readonly float32Path: string;
  /** The values as float16, without metadata. */
  readonly float16Path: string;
}

/** Embeddings cached on disk, limited in size; the least recently used are evicted. */
export interface EmbeddingCache {
  has(imageId: string): boolean;
  /** The files, with the time of use updated; undefined if not cached. */
  use(imageId: string): Promise<EmbeddingFiles | undefined>;
  /** Paths for a worker to write to before `add`. */
  temporary(): EmbeddingFiles;
  add(imageId: string, files: EmbeddingFiles): Promise<void>;
  /** Removes files of `temporary` that were not added. */
  discard(files: EmbeddingFiles): Promise<void>;
  delete(imageId: string): Promise<void>;
  bytes(): number;
  /** Whether that many more embeddings fit without an eviction. */
  hasRoomFor(count: number): boolean;
}

interface Entry {
  bytes: number;
  usedMs: number;
}

/** Opens the cache. @param folder of keys, one per model: embeddings of other models are not usable */
export async function openEmbeddingCache(
  blobs: BlobStore,
  folder: string,
  maxBytes: number,
): Promise<EmbeddingCache> {
  const keys = (id: string) => ({ full: `${folder}/${id}.safetensors`, half: `${folder}/${id}.f16` });
  const entries = new Map<string, Entry>();

  async function measure(id: string): Promise<Entry | undefined> {
    const { full, half } = keys(id);
    const [a, b] = await Promise.all([blobs.stat(full), blobs.stat(half)]);
    return a && b && { bytes: a.bytes + b.bytes, usedMs: a.usedMs };
  }

  async function remove(id: string): Promise<void> {
    const { full, half } = keys(id);
    await blobs.delete(full);
    entries.delete(id);
    await blobs.delete(half);
  }

  const total = () => [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  async function evict(keep: string): Promise<void> {
    const oldestFirst = [...entries]
      .filter(([id]) => id !== keep)
      .sort(([, a], [, b]) => a.usedMs - b.usedMs);
    for (const [id] of oldestFirst) {
      if (total() <= maxBytes) return;
      await remove(id);
    }
  }

  const names = (await blobs.list(folder)).map((key) => key.slice(folder.length + 1));
  for (const id of new Set(names.flatMap((name) => EMBEDDING_NAME.exec(name)?.[1] ?? []))) {
    const entry = await measure(id);
    if (entry) entries.set(id, entry);
    else await remove(id); // one of its two files is missing
  }

  return {
    has: (id) => entries.has(id),
    async use(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      const { full, half } = keys(id);
      entry.usedMs = Date.now();
      await blobs.touch(full);
      return { float32Path: await blobs.localPath(full), float16Path: await blobs.localPath(half) };
    },
    temporary() {
      const path = blobs.temporaryPath();
      return { float32Path: `${path}.safetensors`, float16Path: `${path}.f16` };
    },
    async add(id, { float32Path, float16Path }) {
      const { full, half } = keys(id);
      try {
        await blobs.putFile(half, float16Path);
        await blobs.putFile(full, float32Path);
      } catch (error) {
        await remove(id).catch(() => undefined); // one file alone is useless; report the first error
        throw error;
      }
      const entry = await measure(id);
      if (entry) entries.set(id, entry);
      await evict(id);
    },
    async discard({ float32Path, float16Path }) {
      await rm(float32Path, { force: true });
      await rm(float16Path, { force: true });
    },
    delete: remove,
    bytes: total,
    hasRoomFor(count) {
      const largest = Math.max(0, ...[...entries.values()].map(({ bytes }) => bytes));
      return total() + count * largest <= maxBytes;
    },
  };
}
