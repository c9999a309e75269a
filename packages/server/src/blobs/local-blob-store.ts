import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { ServerError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/**
 * Opens a folder as a store. Files are written beside their place, flushed to the disk and renamed; what a crash left
 * half-written lies in `tmp` and is removed here.
 *
 * @throws ServerError `internal` for a folder that can't be made or written
 */
export async function openLocalBlobStore(root: string): Promise<BlobStore> {
  const temporary = join(root, "tmp");
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
  } catch (cause) {
    throw new ServerError("internal", `The folder "${root}" can't be written: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const temporaryPath = () => join(temporary, randomUUID());
  const pathOf = (key: string) => {
    if (!KEY.test(key)) throw new ServerError("not-found", `"${key}" is not the name of anything here.`);
    return join(root, ...key.split("/"));
  };

  async function putFile(key: string, source: string): Promise<void> {
    const target = pathOf(key);
    await mkdir(dirname(target), { recursive: true });
    await flush(source);
    await rename(source, target);
    await flush(dirname(target));
  }

  return {
    temporaryPath,
    putFile,
    async put(key, bytes) {
      const path = temporaryPath();
      await writeFile(path, bytes, { flag: "wx" });
      await putFile(key, path);
    },
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
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
    },
  };
}

/** Makes a file's content, or a folder's list of names, outlive a power cut. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
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
