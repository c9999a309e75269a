/** Where a server's files are, and the store of a folder. */

export {
  type BlobStat,
  type BlobStore,
  type ByteRange,
  checkBlobKey,
  isBlobKey,
} from "./blobs/blob-store.js";
export { openLocalBlobStore } from "./blobs/local-blob-store.js";
export { createTurns, type Turns } from "./turns.js";
