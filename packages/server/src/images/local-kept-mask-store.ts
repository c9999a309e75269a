import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys } from "../records/stored-image.js";
import type { Turns } from "../turns.js";
import type { ImageStore } from "./image-store.js";
import type { KeptMaskStore } from "./kept-mask-store.js";
import { createVersionedFiles } from "./versioned-files.js";

/**
 * Opens the store of documents in the data folder.
 *
 * @param inTurn by image id; shared with the image store, whose deletion removes the masks
 */
export function createLocalKeptMaskStore(
  blobs: BlobStore,
  images: Pick<ImageStore, "get">,
  inTurn: Turns,
): KeptMaskStore {
  const files = createVersionedFiles(blobs);
  return {
    open: (imageId) => files.open(imageKeys.masks(imageId)),
    put: (imageId, bytes, mayReplace) =>
      inTurn(imageId, async () => {
        await images.get(imageId);
        return files.put(imageKeys.masks(imageId), bytes, mayReplace);
      }),
  };
}
