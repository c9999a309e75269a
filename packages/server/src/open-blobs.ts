import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BlobStore } from "./blobs/blob-store.js";
import { openLocalBlobStore } from "./blobs/local-blob-store.js";
import type { DataFolder } from "./folder/data-folder.js";
import { COPIES_FOLDER } from "./folder/own-names.js";
import type { Cluster } from "./options.js";

/** The files of a data folder, or a store that is shared, with copies in the folder. */
export async function openBlobs(folder: DataFolder, cluster: Cluster | undefined): Promise<BlobStore> {
  if (!cluster) return openLocalBlobStore(folder);
  const path = join(folder.path, COPIES_FOLDER);
  await rm(path, { recursive: true, force: true }); // of an earlier run: of which state, nobody knows
  await mkdir(path);
  return cluster.openBlobs(await openLocalBlobStore({ path }));
}
