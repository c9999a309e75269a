import { rm } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys, renditionsOf } from "../records/stored-image.js";
import type { ImageStore } from "./image-store.js";
import type { ImageWorker } from "./image-worker.js";

/** Renditions that are kept of an image; the ones made last stay. */
const MAX_KEPT = 4;

/** Images in other sizes and forms: made once however many ask, and kept on the disk. */
export interface Renditions {
  /**
   * @param maxSide pixels of the longest side, as WebP; without it all pixels, as PNG
   * @returns its key
   * @throws ServerError `not-found`, `image-too-large`, `image-unreadable`, `overloaded`, `stopping`, `storage-full`
   */
  get(imageId: string, maxSide: number | undefined): Promise<string>;
}

export function createRenditions(
  blobs: BlobStore,
  images: Pick<ImageStore, "find" | "get">,
  imageWorker: Pick<ImageWorker, "render">,
): Renditions {
  const making = new Map<string, Promise<void>>();

  async function make(imageId: string, maxSide: number | undefined, key: string): Promise<void> {
    const path = blobs.temporaryPath();
    try {
      await imageWorker.render(await blobs.localPath(imageKeys.file(imageId)), path, { maxSide });
      await images.get(imageId);
      await makeRoom(imageId);
      await blobs.putFile(key, path);
      if (!(await images.find(imageId))) await blobs.delete(key); // it was deleted just now
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
    async get(imageId, maxSide) {
      const key = imageKeys.rendition(imageId, maxSide);
      if (await blobs.stat(key)) return key;
      const made = making.get(key) ?? make(imageId, maxSide, key);
      making.set(key, made);
      await made;
      return key;
    },
  };
}
