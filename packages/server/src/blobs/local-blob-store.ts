import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { flushFile, flushFolder } from "@segany/runtime/files";
import { ServerError } from "../errors.js";
import type { DataFolder } from "../folder/data-folder.js";
import { TEMPORARY_NAME } from "../folder/own-names.js";
import { storageFull } from "../storage-full.js";
import type { BlobStore } from "./blob-store.js";

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/**
 * Opens a data folder as a store. Files are written to `tmp`, flushed to disk and renamed. Temporary files
 * left by a crash are removed here.
 */
export async function openLocalBlobStore({ path: root }: DataFolder): Promise<BlobStore> {
  const temporary = join(root, "tmp");
  await mkdir(temporary, { recursive: true });
  await removeTemporaryFiles(temporary);
  const temporaryPath = () => join(temporary, randomUUID());
  const pathOf = (key: string) => {
    if (!KEY.test(key)) throw new ServerError("not-found", `Nothing is stored under "${key}".`);
    return join(root, ...key.split("/"));
  };

  async function putFile(key: string, source: string): Promise<void> {
    const target = pathOf(key);
    await removingOnFailure(source, async () => {
      await mkdir(dirname(target), { recursive: true });
      await flushFile(source);
      await rename(source, target);
      await flushFolder(dirname(target));
    });
  }

  return {
    temporaryPath,
    putFile,
    async put(key, bytes) {
      const path = temporaryPath();
      await removingOnFailure(path, () => writeFile(path, bytes, { flag: "wx" }));
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
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((key) => KEY.test(key)); // files of others are not keys, and stay
    },
  };
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
