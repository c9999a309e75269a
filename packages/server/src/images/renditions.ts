import { rm } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys, renditionsOf } from "../records/stored-image.js";
import type { ImageStore } from "./image-store.js";
import type { ImageWorker } from "./image-worker.js";

/** Most renditions cached per image; the oldest are evicted. */
const MAX_KEPT = 4;

/** Images in other sizes and formats, computed once for all who wait and cached on disk. */
export interface Renditions {
  /**
   * Returns a rendition's key, after computing it if it is not cached.
   *
   * @param maxSide longest side in pixels, as WebP; undefined for full size, as PNG
   * @throws ServerError `not-found`, `image-too-large`, `image-unreadable`, `too-many-requests`,
   *   `overloaded`, `stopping`, `storage-full`
   */
  get(imageId: string, maxSide: number | undefined, client?: string): Promise<string>;
}

export function createRenditions(
  blobs: BlobStore,
  images: Pick<ImageStore, "find" | "get">,
  imageWorker: Pick<ImageWorker, "render">,
): Renditions {
  const making = new Map<string, Promise<void>>();

  async function make(
    imageId: string,
    key: string,
    options: { readonly maxSide: number | undefined; readonly client: string | undefined },
  ): Promise<void> {
    const path = blobs.temporaryPath();
    try {
      await imageWorker.render(await blobs.localPath(imageKeys.file(imageId)), path, options);
      await images.get(imageId);
      await makeRoom(imageId);
      await blobs.putFile(key, path);
      if (!(await images.find(imageId))) await blobs.delete(key); // deleted in the meantime
    } finally {
      making.delete(key);
      await rm(path, { force: true });
    }
  }

  async function makeRoom(imageId: string): Promise<void> {
    const keys = renditionsOf(imageId, await blobs.list(`images/${imageId}`));
    const kept = await Promise.all(
      keys.map(async (key) => ({ key, usedMs: (await blobs.stat(key))?.usedMs ?? 0 })),
    );
    kept.sort((a, b) => b.usedMs - a.usedMs);
    for (const { key } of kept.slice(MAX_KEPT - 1)) await blobs.delete(key);
  }

  return {
    async get(imageId, maxSide, client) {
      const key = imageKeys.rendition(imageId, maxSide);
      if (await blobs.stat(key)) return key;
      const made = making.get(key) ?? make(imageId, key, { maxSide, client });
      making.set(key, made);
      await made;
      return key;
    },
  };
}
