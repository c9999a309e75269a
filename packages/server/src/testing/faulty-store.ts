import { rm } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";

/** A store whose writes and deletions fail on request. */
export interface FaultyStore extends BlobStore {
  /**
   * The error for a key, if any. A write that fails removes its temporary file, as the interface requires.
   */
  faultOf: (operation: "put" | "delete", key: string) => Error | undefined;
}

/** The system's error for a full disk. */
export function diskFull(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
}

export function createFaultyStore(blobs: BlobStore): FaultyStore {
  const store: FaultyStore = {
    ...blobs,
    faultOf: () => undefined,
    async put(key, bytes) {
      const fault = store.faultOf("put", key);
      if (fault) throw fault;
      await blobs.put(key, bytes);
    },
    async putNew(key, bytes) {
      const fault = store.faultOf("put", key);
      if (fault) throw fault;
      return blobs.putNew(key, bytes);
    },
    async putFile(key, path) {
      const fault = store.faultOf("put", key);
      if (!fault) return blobs.putFile(key, path);
      await rm(path, { force: true });
      throw fault;
    },
    async delete(key) {
      const fault = store.faultOf("delete", key);
      if (fault) throw fault;
      await blobs.delete(key);
    },
  };
  return store;
}
