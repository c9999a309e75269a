import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import type { KeptDocument, PutResult } from "./kept-mask-store.js";

/**
 * Files with versions. The version is the hash of the bytes, so that version and file can't differ after a
 * crash, and older files have a version, too.
 */
export interface VersionedFiles {
  /** undefined if there is none. */
  open(key: string): Promise<KeptDocument | undefined>;
  /**
   * Replaces the file if allowed. Calls for one key must follow each other.
   *
   * @param mayReplace called with the current version, undefined for none
   * @throws ServerError `storage-full`
   */
  put(
    key: string,
    bytes: Uint8Array,
    mayReplace: (version: string | undefined) => boolean,
  ): Promise<PutResult>;
}

/** The files of the data folder. */
export function createVersionedFiles(blobs: BlobStore): VersionedFiles {
  const openFile = async (key: string) => openIfThere(await blobs.localPath(key));

  async function currentVersion(key: string): Promise<string | undefined> {
    const file = await openFile(key);
    if (!file) return undefined;
    try {
      return await versionOf(file);
    } finally {
      await file.close();
    }
  }

  return {
    async open(key) {
      const file = await openFile(key);
      if (!file) return undefined;
      try {
        const version = await versionOf(file);
        return { version, bytes: (await file.stat()).size, content: file.createReadStream({ start: 0 }) };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async put(key, bytes, mayReplace) {
      const version = await currentVersion(key);
      if (!mayReplace(version)) return { isWritten: false, version };
      await blobs.put(key, bytes);
      return { isWritten: true, version: nameOf(createHash("sha256").update(bytes).digest()) };
    },
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
