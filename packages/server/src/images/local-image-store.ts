import type { BlobStore } from "../blobs/blob-store.js";
import { imageIdSchema } from "../contract/images.js";
import { ServerError } from "../errors.js";
import { imageKeys, type StoredImage } from "../records/stored-image.js";
import { createTurns, type Turns } from "../turns.js";
import { readImage, removeFiles, writeImage } from "./image-files.js";
import type { ImageStore } from "./image-store.js";

/** Receives the key of a damaged record: its image stays on disk, but isn't served. */
export type DamageListener = (key: string) => void;

/**
 * Opens the store of images in the data folder; the records are also kept in memory.
 *
 * @param inTurn by image id; shared with other writers of an image's files, so that nothing is written for a
 *   deleted image
 */
export async function openLocalImageStore(
  blobs: BlobStore,
  onDamaged: DamageListener,
  inTurn: Turns = createTurns(),
): Promise<ImageStore> {
  const stored = await readImages(blobs, onDamaged);
  const oldestFirst = stored.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const images = new Map(oldestFirst.map((image) => [image.id, image])); // in the order of insertion
  const list = () => [...images.values()].reverse();
  return {
    list: async () => list(),
    count: async () => images.size,
    find: async (id) => images.get(id),
    async get(id) {
      const image = images.get(id);
      if (!image) throw new ServerError("not-found", `There is no image ${id}; upload it first.`);
      return image;
    },
    async after(id, count) {
      if (!images.has(id)) return [];
      const all = list();
      const next = all.findIndex((image) => image.id === id) + 1;
      return all.slice(next, next + count);
    },
    // Serializes uploads and deletions of one image.
    add: (image, filePath, thumbnailPath) =>
      inTurn(image.id, async () => {
        const there = images.get(image.id);
        if (there) return there;
        const stored = await writeImage(blobs, image, filePath, thumbnailPath);
        images.set(image.id, stored);
        return stored;
      }),
    delete: (id) =>
      inTurn(id, async () => {
        await blobs.delete(imageKeys.info(id));
        images.delete(id);
        await removeFiles(blobs, id);
      }),
  };
}

/** Reads all records. Of uploads interrupted by a crash, only files that we created are removed. */
async function readImages(blobs: BlobStore, onDamaged: DamageListener): Promise<StoredImage[]> {
  const images: StoredImage[] = [];
  const keys = new Set(await blobs.list("images"));
  for (const id of new Set([...keys].map((key) => key.split("/")[1]!))) {
    if (!imageIdSchema.safeParse(id).success) continue;
    if (!keys.has(imageKeys.info(id))) {
      await removeFiles(blobs, id);
      continue;
    }
    const image = await readImage(blobs, id);
    if (image) images.push(image);
    else onDamaged(imageKeys.info(id));
  }
  return images;
}
