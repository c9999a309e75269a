import type { BlobStore } from "../blobs/blob-store.js";
import { createTurns, type Turns } from "../turns.js";
import type { ImageStore } from "./image-store.js";
import { type DamageListener, openLocalImageStore } from "./local-image-store.js";
import { createSharedImageStore } from "./shared-image-store.js";

/**
 * The store of images in these files.
 *
 * @param inTurn by image id; shared with other writers of an image's files
 */
export async function openImageStore(
  blobs: BlobStore,
  onDamaged: DamageListener,
  inTurn: Turns = createTurns(),
): Promise<ImageStore> {
  return blobs.isShared
    ? createSharedImageStore(blobs, onDamaged, inTurn)
    : openLocalImageStore(blobs, onDamaged, inTurn);
}
