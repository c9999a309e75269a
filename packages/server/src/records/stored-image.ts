import { type ImageInfo, imageInfoSchema } from "../contract/images.js";

/** What is written down of an image: all but how far its embedding is. */
export type StoredImage = Omit<ImageInfo, "embedding">;

export const storedImageSchema = imageInfoSchema.omit({ embedding: true });

/** Keys of all that belongs to an image. */
export const imageKeys = {
  file: (id: string) => `images/${id}/file`,
  thumbnail: (id: string) => `images/${id}/thumbnail.webp`,
  /** Written last: an image exists when this does. */
  info: (id: string) => `images/${id}/image.json`,
  masks: (id: string) => `images/${id}/masks.json`,
  /** @param maxSide pixels; undefined: all pixels */
  rendition: (id: string, maxSide: number | undefined) =>
    maxSide === undefined ? `images/${id}/rendition-full.png` : `images/${id}/rendition-${maxSide}.webp`,
} as const;

/** The image's renditions among keys. */
export function renditionsOf(id: string, keys: readonly string[]): string[] {
  return keys.filter(
    (key) => key.startsWith(`images/${id}/`) && /\/rendition-(?:[1-9][0-9]*\.webp|full\.png)$/.test(key),
  );
}
