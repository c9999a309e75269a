import type { BlobStore } from "../blobs/blob-store.js";
import { imageIdSchema } from "../contract/images.js";
import { ServerError } from "../errors.js";
import { imageKeys, type StoredImage, storedImageSchema } from "../records/stored-image.js";

export interface ImageStore {
  /** Newest first. */
  list(): readonly StoredImage[];
  /** @throws ServerError `not-found` */
  get(id: string): StoredImage;
  has(id: string): boolean;
  /** Takes over the uploaded file and its thumbnail, both by temporary path. */
  add(image: StoredImage, filePath: string, thumbnailPath: string): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Hears of a record that can't be read: its image stays on the disk, but isn't served. */
export type DamageListener = (key: string) => void;

/** Reads what is there. Of uploads that a crash cut off, the files that we made are removed, and nothing else. */
export async function openImageStore(blobs: BlobStore, onDamaged: DamageListener): Promise<ImageStore> {
  const images = new Map<string, StoredImage>();
  const keys = new Set(await blobs.list("images"));
  for (const id of new Set([...keys].map((key) => key.split("/")[1]!))) {
    if (!imageIdSchema.safeParse(id).success) continue;
    if (!keys.has(imageKeys.info(id))) {
      await removeFiles(blobs, id);
      continue;
    }
    const stored = await readInfo(blobs, id);
    if (stored) images.set(id, stored);
    else onDamaged(imageKeys.info(id));
  }
  return {
    list: () => [...images.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    has: (id) => images.has(id),
    get(id) {
      const image = images.get(id);
      if (!image) throw new ServerError("not-found", `There is no image ${id}; upload it first.`);
      return image;
    },
    async add(image, filePath, thumbnailPath) {
      await blobs.putFile(imageKeys.file(image.id), filePath);
      await blobs.putFile(imageKeys.thumbnail(image.id), thumbnailPath);
      await blobs.put(imageKeys.info(image.id), JSON.stringify(image));
      images.set(image.id, image);
    },
    async delete(id) {
      images.delete(id);
      await blobs.delete(imageKeys.info(id));
      await removeFiles(blobs, id);
    },
  };
}

/** All but the record, which goes first: without it there is no image. */
async function removeFiles(blobs: BlobStore, id: string): Promise<void> {
  for (const key of [imageKeys.file(id), imageKeys.thumbnail(id), imageKeys.masks(id)])
    await blobs.delete(key);
}

async function readInfo(blobs: BlobStore, id: string): Promise<StoredImage | undefined> {
  const bytes = await blobs.get(imageKeys.info(id));
  if (!bytes) return undefined;
  try {
    const stored = storedImageSchema.parse(JSON.parse(bytes.toString("utf8")));
    return stored.id === id ? stored : undefined;
  } catch {
    return undefined; // damaged, or of a newer version: it is kept, and can be uploaded again
  }
}
