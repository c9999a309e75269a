import type { BlobStore } from "../blobs/blob-store.js";
import { createTurns } from "../turns.js";
import { type CheckedFiles, createEmbeddingBlobs } from "./embedding-blobs.js";
import { areUntouched, type EmbeddingFiles } from "./embedding-records.js";

/** Size of an embedding's two files of values, and when it was last used. */
export interface EmbeddingEntry {
  readonly bytes: number;
  readonly usedMs: number;
}

/** Embeddings as two files each, with a record of both; an incomplete one counts as none. */
export interface EmbeddingStore {
  /** What is stored, by image id. */
  readonly entries: ReadonlyMap<string, EmbeddingEntry>;
  put(imageId: string, files: EmbeddingFiles): Promise<void>;
  /**
   * The files, with the time of use updated; undefined if not stored. They are checked against their record
   * on first use and after each change; a damaged embedding is deleted.
   */
  use(imageId: string): Promise<EmbeddingFiles | undefined>;
  /** Whether files from `use` have not been deleted, replaced or changed since. */
  isCurrent(imageId: string, files: EmbeddingFiles): Promise<boolean>;
  delete(imageId: string): Promise<void>;
}

/**
 * Opens the store, and deletes what is incomplete. Of a shared store it knows what it has used: what is
 * incomplete there is being written by another process.
 *
 * @param folder of keys
 * @param onDamaged receives the key of a damaged embedding
 */
export async function openEmbeddingStore(
  blobs: BlobStore,
  folder: string,
  onDamaged: (key: string) => void = () => undefined,
): Promise<EmbeddingStore> {
  const stored = createEmbeddingBlobs(blobs, folder);
  const entries = new Map<string, EmbeddingEntry>();
  /** Those that were checked since the store was opened. */
  const checked = new Map<string, CheckedFiles>();
  const inTurn = createTurns();

  async function measure(id: string): Promise<boolean> {
    const found = await stored.stat(id);
    if (found) entries.set(id, found);
    return found !== undefined;
  }

  function forget(id: string): void {
    entries.delete(id);
    checked.delete(id);
  }

  async function use(id: string): Promise<EmbeddingFiles | undefined> {
    if (blobs.isShared && !entries.has(id)) await measure(id); // another process may have stored it
    const entry = entries.get(id);
    if (!entry) return undefined;
    const found = await stored.check(id, checked.get(id));
    if (found) {
      checked.set(id, found);
      entries.set(id, { ...entry, usedMs: Date.now() });
      await stored.touch(id);
      return found.files;
    }
    onDamaged(stored.key(id));
    forget(id);
    await stored.remove(id).catch(() => undefined); // it is replaced anyway
    return undefined;
  }

  if (!blobs.isShared)
    for (const id of await stored.list()) if (!(await measure(id))) await stored.remove(id); // incomplete
  return {
    entries,
    put: (id, files) =>
      inTurn(id, async () => {
        forget(id);
        if (blobs.isShared && (await measure(id))) return; // another process was first
        checked.set(id, await stored.put(id, files));
        await measure(id);
      }),
    use: (id) => inTurn(id, () => use(id)),
    async isCurrent(id, files) {
      const known = checked.get(id);
      return known?.files === files && areUntouched(files, known.records);
    },
    delete: (id) =>
      inTurn(id, async () => {
        await stored.remove(id);
        forget(id);
      }),
  };
}
