import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys, renditionsOf, type StoredImage, storedImageSchema } from "../records/stored-image.js";

/**
 * Stores an image's files and then its record.
 *
 * @returns the record; that of another process if it stored the same image at the same time
 */
export async function writeImage(
  blobs: BlobStore,
  image: StoredImage,
  filePath: string,
  thumbnailPath: string,
): Promise<StoredImage> {
  const { id } = image;
  const record = JSON.stringify(image);
  try {
    await blobs.putFile(imageKeys.file(id), filePath);
    await blobs.putFile(imageKeys.thumbnail(id), thumbnailPath);
    if (await blobs.putNew(imageKeys.info(id), record)) return image;
    const there = await readImage(blobs, id);
    if (!there) await blobs.put(imageKeys.info(id), record); // a damaged one
    return there ?? image;
  } catch (error) {
    await discard(blobs, id).catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

/** Removes the files of a failed upload, unless there is a record, even a damaged one. */
async function discard(blobs: BlobStore, id: string): Promise<void> {
  if (await blobs.stat(imageKeys.info(id))) return;
  await blobs.delete(imageKeys.file(id));
  await blobs.delete(imageKeys.thumbnail(id));
}

/** Removes all files except the record, which is removed first: without it there is no image. */
export async function removeFiles(blobs: BlobStore, id: string): Promise<void> {
  const renditions = renditionsOf(id, await blobs.list(`images/${id}`));
  for (const key of [imageKeys.file(id), imageKeys.thumbnail(id), imageKeys.masks(id), ...renditions])
    await blobs.delete(key);
}

/** The record of an image; undefined if there is none, or a damaged one. */
export async function readImage(blobs: BlobStore, id: string): Promise<StoredImage | undefined> {
  const bytes = await blobs.get(imageKeys.info(id));
  if (!bytes) return undefined;
  try {
    const image = storedImageSchema.parse(JSON.parse(bytes.toString("utf8")));
    return image.id === id ? image : undefined;
  } catch {
    return undefined; // damaged, or written by a newer version: it stays, and the image can be uploaded again
  }
}
