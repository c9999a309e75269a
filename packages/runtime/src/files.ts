/** Files and folders on Node, without ONNX Runtime: written whole or not at all, hashed, the cache folder. */
export { type CacheSurroundings, cacheDirectory } from "./cache/node-cache-directory.js";
export type { AtomicFile } from "./files/node-atomic-file.js";
export { type AtomicWriteOptions, createAtomicFile, writeFileAtomic } from "./files/node-atomic-write.js";
export { type OpenCheckpointOptions, openCheckpointFile } from "./files/node-checkpoint.js";
export {
  compareFile,
  type FileComparison,
  type FileRecord,
  hasIdentity,
  recordFile,
} from "./files/node-file-record.js";
export { type HashFileOptions, hashFile, openFileSource } from "./files/node-files.js";
export { flushFile, flushFolder } from "./files/node-flush.js";
export { checkWritableFolder, makeFolder, makeFolderInside, writeFileInside } from "./files/node-folders.js";
export { findForeignFile, writeNotedFiles } from "./files/node-noted-files.js";
export { readOwnFile, whyShared } from "./files/node-own-files.js";
export { readFileUpTo, readStreamUpTo } from "./files/node-read-file.js";
export {
  type FolderContent,
  type FolderWalk,
  kindOf,
  readFolder,
  walkFiles,
} from "./files/node-read-folder.js";
