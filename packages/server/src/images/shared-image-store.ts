import type { BlobStore } from "../blobs/blob-store.js";
import { imageIdSchema } from "../contract/images.js";
import { ServerError } from "../errors.js";
import { createLruMap } from "../lru-map.js";
import { imageKeys, type StoredImage } from "../records/stored-image.js";
import type { Turns } from "../turns.js";
import { readImage, removeFiles, writeImage } from "./image-files.js";
import type { ImageStore } from "./image-store.js";
import type { DamageListener } from "./local-image-store.js";

/** Records in memory, and how long they count: another process may delete an image meanwhile. */
const MAX_KNOWN = 10_000;
const KNOWN_MS = 10_000;

/** How long a count of all images stays as it is. */
const COUNT_MS = 60_000;

const READS_AT_ONCE = 16;

/**
 * The store of images in files that other processes write to as well. Nothing is read at the start; a list
 * asks for all keys.
 *
 * @param inTurn by image id; shared with other writers of an image's files
 */
export function createSharedImageStore(
  blobs: BlobStore,
  onDamaged: DamageListener,
  inTurn: Turns,
): ImageStore {
  const known = createLruMap<string, { readonly image: StoredImage; readonly readMs: number }>(MAX_KNOWN);
  let counted = { count: 0, atMs: -Infinity };

  async function find(id: string): Promise<StoredImage | undefined> {
    const there = known.get(id);
    if (there && Date.now() - there.readMs < KNOWN_MS) return there.image;
    const image = await readImage(blobs, id);
    if (image) known.set(id, { image, readMs: Date.now() });
    else known.delete(id);
    return image;
  }

  async function listIds(): Promise<string[]> {
    const ids = (await blobs.list("images"))
      .filter((key) => key.endsWith("/image.json"))
      .map((key) => key.split("/")[1]!)
      .filter((id) => imageIdSchema.safeParse(id).success);
    counted = { count: ids.length, atMs: Date.now() };
    return ids;
  }

  return {
    find,
    async list() {
      const images: StoredImage[] = [];
      const waiting = (await listIds()).values();
      const read = async () => {
        for (const id of waiting) {
          const image = known.get(id)?.image ?? (await find(id)); // records never change
          if (image) images.push(image);
          else if (await blobs.stat(imageKeys.info(id))) onDamaged(imageKeys.info(id));
        }
      };
      await Promise.all(Array.from({ length: READS_AT_ONCE }, read));
      return images.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
    async count() {
      if (Date.now() - counted.atMs > COUNT_MS) await listIds();
      return counted.count;
    },
    async get(id) {
      const image = await find(id);
      if (!image) throw new ServerError("not-found", `There is no image ${id}; upload it first.`);
      return image;
    },
    after: async () => [], // its order is not known without a list
    add: (image, filePath, thumbnailPath) =>
      inTurn(
        image.id,
        async () => (await find(image.id)) ?? writeImage(blobs, image, filePath, thumbnailPath),
      ),
    delete: (id) =>
      inTurn(id, async () => {
        known.delete(id);
        await blobs.delete(imageKeys.info(id));
        await removeFiles(blobs, id);
      }),
  };
}
