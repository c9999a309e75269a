import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { Readable } from "node:stream";
import { flushFile, flushFolder } from "@segany/runtime/files";
import type { DataFolder } from "../folder/data-folder.js";
import { TEMPORARY_NAME } from "../folder/own-names.js";
import { storageFull } from "../storage-full.js";
import { createTurns } from "../turns.js";
import { type BlobStore, type ByteRange, checkBlobKey, isBlobKey } from "./blob-store.js";

/**
 * Opens a data folder as a store. Files are written to `tmp`, flushed to disk and renamed. Temporary files
 * left by a crash are removed here.
 */
export async function openLocalBlobStore({ path: root }: Pick<DataFolder, "path">): Promise<BlobStore> {
  const temporary = join(root, "tmp");
  await mkdir(temporary, { recursive: true });
  await removeTemporaryFiles(temporary);
  const inTurn = createTurns();
  const temporaryPath = () => join(temporary, randomUUID());
  const pathOf = (key: string) => join(root, ...checkBlobKey(key).split("/"));

  async function putFile(key: string, source: string): Promise<void> {
    const target = pathOf(key);
    await removingOnFailure(source, async () => {
      await mkdir(dirname(target), { recursive: true });
      await flushFile(source);
      await rename(source, target);
      await flushFolder(dirname(target));
    });
  }

  async function put(key: string, bytes: Uint8Array | string): Promise<void> {
    const path = temporaryPath();
    await removingOnFailure(path, () => writeFile(path, bytes, { flag: "wx" }));
    await putFile(key, path);
  }

  return {
    isShared: false,
    temporaryPath,
    putFile,
    put,
    putNew: (key, bytes) =>
      inTurn(key, async () => {
        if (await orUndefined(stat(pathOf(key)))) return false;
        await put(key, bytes);
        return true;
      }),
    read: (key, range) => orUndefined(openRange(pathOf(key), range)),
    get: (key) => orUndefined(readFile(pathOf(key))),
    async stat(key) {
      const found = await orUndefined(stat(pathOf(key)));
      return found && { bytes: found.size, usedMs: found.mtimeMs };
    },
    async localPath(key) {
      return pathOf(key);
    },
    async touch(key) {
      const now = new Date();
      await orUndefined(utimes(pathOf(key), now, now));
    },
    delete: (key) => rm(pathOf(key), { force: true }),
    async list(folder) {
      const entries = await orUndefined(readdir(pathOf(folder), { recursive: true, withFileTypes: true }));
      return (entries ?? [])
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter(isBlobKey); // files of others are not keys, and stay
    },
  };
}

async function openRange(path: string, range: ByteRange | undefined): Promise<Readable> {
  const file = await open(path);
  return file.createReadStream(range && { start: range.start, end: range.end - 1 });
}

/** Removes the file if writing it fails: on a full disk it would occupy the last space. */
async function removingOnFailure(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined); // the first error is the one to report
    throw storageFull(error) ?? error;
  }
}

/** Removes temporary files by our naming scheme only; other files stay. */
async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isFile() && TEMPORARY_NAME.test(entry.name))
      await rm(join(folder, entry.name), { force: true });
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
