import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys } from "../records/stored-image.js";
import type { Turns } from "../turns.js";
import type { ImageStore } from "./image-store.js";
import type { KeptMaskStore } from "./kept-mask-store.js";

/**
 * Opens the store of documents in the data folder. The version is the hash of the bytes, so that version and
 * document can't differ after a crash, and older documents have a version, too.
 *
 * @param inTurn by image id; shared with the image store, whose deletion removes the masks
 */
export function createLocalKeptMaskStore(
  blobs: BlobStore,
  images: Pick<ImageStore, "get">,
  inTurn: Turns,
): KeptMaskStore {
  const openDocument = async (imageId: string) =>
    openIfThere(await blobs.localPath(imageKeys.masks(imageId)));

  async function currentVersion(imageId: string): Promise<string | undefined> {
    const file = await openDocument(imageId);
    if (!file) return undefined;
    try {
      return await versionOf(file);
    } finally {
      await file.close();
    }
  }

  return {
    async open(imageId) {
      const file = await openDocument(imageId);
      if (!file) return undefined;
      try {
        const version = await versionOf(file);
        return { version, bytes: (await file.stat()).size, content: file.createReadStream({ start: 0 }) };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    put: (imageId, bytes, mayReplace) =>
      inTurn(imageId, async () => {
        await images.get(imageId);
        const version = await currentVersion(imageId);
        if (!mayReplace(version)) return { isWritten: false, version };
        await blobs.put(imageKeys.masks(imageId), bytes);
        return { isWritten: true, version: nameOf(createHash("sha256").update(bytes).digest()) };
      }),
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
}

/** Hashes the file in chunks, yielding in between. */
async function versionOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of file.createReadStream({ start: 0, autoClose: false })) hash.update(piece);
  return nameOf(hash.digest());
}

function nameOf(digest: Buffer): string {
  return digest.toString("hex").slice(0, 32);
}
