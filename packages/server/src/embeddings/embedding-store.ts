import type { BlobStore } from "../blobs/blob-store.js";
import { EMBEDDING_NAME } from "../folder/own-names.js";

/** An embedding as local files. */
export interface EmbeddingFiles {
  /** `.safetensors` with all metadata. */
  readonly float32Path: string;
  /** The values as float16, without metadata. */
  readonly float16Path: string;
}

/** Size of an embedding's two files, and when it was last used. */
export interface EmbeddingEntry {
  readonly bytes: number;
  readonly usedMs: number;
}

/** Embeddings as pairs of blobs; one blob alone counts as none. */
export interface EmbeddingStore {
  /** What is stored, by image id. */
  readonly entries: ReadonlyMap<string, EmbeddingEntry>;
  put(imageId: string, files: EmbeddingFiles): Promise<void>;
  /** The files, with the time of use updated; undefined if not stored. */
  use(imageId: string): Promise<EmbeddingFiles | undefined>;
  delete(imageId: string): Promise<void>;
}

/** Opens the store, and deletes what is incomplete. @param folder of keys */
export async function openEmbeddingStore(blobs: BlobStore, folder: string): Promise<EmbeddingStore> {
  const keys = (id: string) => ({ full: `${folder}/${id}.safetensors`, half: `${folder}/${id}.f16` });
  const entries = new Map<string, EmbeddingEntry>();

  async function measure(id: string): Promise<boolean> {
    const { full, half } = keys(id);
    const [a, b] = await Promise.all([blobs.stat(full), blobs.stat(half)]);
    if (a && b) entries.set(id, { bytes: a.bytes + b.bytes, usedMs: a.usedMs });
    return entries.has(id);
  }

  async function remove(id: string): Promise<void> {
    const { full, half } = keys(id);
    await blobs.delete(full);
    entries.delete(id);
    await blobs.delete(half);
  }

  const names = (await blobs.list(folder)).map((key) => key.slice(folder.length + 1));
  for (const id of new Set(names.flatMap((name) => EMBEDDING_NAME.exec(name)?.[1] ?? []))) {
    if (!(await measure(id))) await remove(id); // one of its two files is missing
  }

  return {
    entries,
    async put(id, { float32Path, float16Path }) {
      const { full, half } = keys(id);
      try {
        await blobs.putFile(half, float16Path);
        await blobs.putFile(full, float32Path);
      } catch (error) {
        await remove(id).catch(() => undefined); // one file alone is useless; report the first error
        throw error;
      }
      await measure(id);
    },
    async use(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      const { full, half } = keys(id);
      entries.set(id, { ...entry, usedMs: Date.now() });
      await blobs.touch(full);
      return { float32Path: await blobs.localPath(full), float16Path: await blobs.localPath(half) };
    },
    delete: remove,
  };
}
