import type { BlobStore } from "../blobs/blob-store.js";
import { openLocalBlobStore } from "../blobs/local-blob-store.js";

/** A store over a folder of the test's own, which needs no proof and no lock. */
export function openStore(root: string): Promise<BlobStore> {
  return openLocalBlobStore({ path: root, close: async () => undefined });
}
