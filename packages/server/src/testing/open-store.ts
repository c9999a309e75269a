import type { BlobStore } from "../blobs/blob-store.js";
import { openLocalBlobStore } from "../blobs/local-blob-store.js";

/** A store over a temporary folder, without marker and lock. */
export function openStore(root: string): Promise<BlobStore> {
  return openLocalBlobStore({ path: root });
}
