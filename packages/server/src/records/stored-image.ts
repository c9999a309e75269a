import { type ImageInfo, imageInfoSchema } from "../contract/images.js";

/** The record of an image on disk: everything except the state of its embedding. */
export type StoredImage = Omit<ImageInfo, "embedding">;

export const storedImageSchema = imageInfoSchema.omit({ embedding: true });

/** Keys of an image's files. */
export const imageKeys = {
  file: (id: string) => `images/${id}/file`,
  thumbnail: (id: string) => `images/${id}/thumbnail.webp`,
  /** Written last: an image exists if this file does. */
  info: (id: string) => `images/${id}/image.json`,
  masks: (id: string) => `images/${id}/masks.json`,
  /** @param maxSide pixels; undefined for full size */
  rendition: (id: string, maxSide: number | undefined) =>
    maxSide === undefined ? `images/${id}/rendition-full.png` : `images/${id}/rendition-${maxSide}.webp`,
} as const;

/** Filters the keys of the image's renditions. */
export function renditionsOf(id: string, keys: readonly string[]): string[] {
  return keys.filter(
    (key) => key.startsWith(`images/${id}/`) && /\/rendition-(?:[1-9][0-9]*\.webp|full\.png)$/.test(key),
  );
}
