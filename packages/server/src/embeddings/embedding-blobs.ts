import type { BlobStat, BlobStore } from "../blobs/blob-store.js";
import { EMBEDDING_NAME } from "../folder/own-names.js";
import {
  areUntouched,
  type EmbeddingFiles,
  type EmbeddingRecords,
  readMatchingRecords,
  writeRecords,
} from "./embedding-records.js";

/** Files of an embedding that were compared with their record. */
export interface CheckedFiles {
  readonly files: EmbeddingFiles;
  readonly records: EmbeddingRecords;
}

/** The three blobs of each embedding: values in two precisions, and the record of both. */
export interface EmbeddingBlobs {
  /** Ids with at least one blob. */
  list(): Promise<string[]>;
  /** Size of the values and the time of last use; undefined if a blob is missing. */
  stat(id: string): Promise<BlobStat | undefined>;
  /** @throws the first error, after removing what was written */
  put(id: string, files: EmbeddingFiles): Promise<CheckedFiles>;
  /** Compares the files with their record, or only their identities if they are unchanged since a check. */
  check(id: string, before: CheckedFiles | undefined): Promise<CheckedFiles | undefined>;
  touch(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Key of the values, for messages. */
  key(id: string): string;
}

/** @param folder of keys */
export function createEmbeddingBlobs(blobs: BlobStore, folder: string): EmbeddingBlobs {
  const full = (id: string) => `${folder}/${id}.safetensors`;
  const half = (id: string) => `${folder}/${id}.f16`;
  const record = (id: string) => `${folder}/${id}.json`;

  async function filesOf(id: string): Promise<EmbeddingFiles> {
    return { float32Path: await blobs.localPath(full(id)), float16Path: await blobs.localPath(half(id)) };
  }

  async function remove(id: string): Promise<void> {
    for (const key of [record(id), full(id), half(id)]) await blobs.delete(key);
  }

  return {
    key: full,
    remove,
    touch: (id) => blobs.touch(record(id)),
    async list() {
      const names = (await blobs.list(folder)).map((key) => key.slice(folder.length + 1));
      return [...new Set(names.flatMap((name) => EMBEDDING_NAME.exec(name)?.[1] ?? []))];
    },
    async stat(id) {
      const [a, b, c] = await Promise.all([full(id), half(id), record(id)].map((key) => blobs.stat(key)));
      return a && b && c && { bytes: a.bytes + b.bytes, usedMs: c.usedMs };
    },
    async put(id, { float32Path, float16Path }) {
      try {
        await blobs.putFile(half(id), float16Path);
        await blobs.putFile(full(id), float32Path);
        const files = await filesOf(id);
        return { files, records: await writeRecords(blobs, record(id), files) };
      } catch (error) {
        await remove(id).catch(() => undefined); // a part of it is useless; report the first error
        throw error;
      }
    },
    async check(id, before) {
      if (before && (await areUntouched(before.files, before.records))) return before;
      const files = await filesOf(id);
      const records = await readMatchingRecords(blobs, record(id), files);
      return records && { files, records };
    },
  };
}
