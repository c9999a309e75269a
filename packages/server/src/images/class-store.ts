import type { BlobStore } from "../blobs/blob-store.js";
import { createTurns, type Turns } from "../turns.js";
import type { KeptDocument, PutResult } from "./kept-mask-store.js";
import { createVersionedFiles } from "./versioned-files.js";

/** Where the list lies in the data folder. */
const KEY = "classes.json";

/** The list of classes of all images, stored like the masks of an image. */
export interface ClassStore {
  /** undefined if there is no list. */
  open(): Promise<KeptDocument | undefined>;
  /**
   * Replaces the list if allowed. Comparing the version and writing are one step; when the promise resolves,
   * the new list survives a crash.
   *
   * @param mayReplace called with the current version, undefined for none; if it returns false, nothing is
   *   written
   * @throws ServerError `storage-full`
   */
  put(bytes: Uint8Array, mayReplace: (version: string | undefined) => boolean): Promise<PutResult>;
}

/** Opens the store in the data folder. @param inTurn shared with all who write to it */
export function createLocalClassStore(blobs: BlobStore, inTurn: Turns = createTurns()): ClassStore {
  const files = createVersionedFiles(blobs);
  return {
    open: () => files.open(KEY),
    put: (bytes, mayReplace) => inTurn(KEY, () => files.put(KEY, bytes, mayReplace)),
  };
}
