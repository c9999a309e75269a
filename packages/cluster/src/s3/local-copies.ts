import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { BlobStore } from "@segany/server/blobs";
import { BrokenError, retryBroken } from "./retry-broken.js";
import type { FoundObject } from "./s3-objects.js";

/** Copies of objects on this machine's disk, for readers that need a file. */
export interface LocalCopies {
  /** Path of the copy, in the object's present state; a path without a file if there is no object. */
  path(key: string): Promise<string>;
  /** Makes a file that was just stored the copy, by moving it. */
  keep(key: string, path: string, etag: string | undefined): Promise<void>;
  drop(key: string): Promise<void>;
}

export interface LocalCopiesOptions {
  /** Empty at first. */
  readonly cache: BlobStore;
  /** Beyond this the least recently used copies are removed. */
  readonly maxBytes: number;
  readonly get: (key: string, unless: string | undefined) => Promise<FoundObject | "same" | undefined>;
}

interface Copy {
  readonly etag: string | undefined;
  readonly bytes: number;
}

/** Calls for one key must follow each other. */
export function createLocalCopies({ cache, maxBytes, get }: LocalCopiesOptions): LocalCopies {
  const copies = new Map<string, Copy>(); // the least recently used first
  let sum = 0;

  async function drop(key: string): Promise<void> {
    sum -= copies.get(key)?.bytes ?? 0;
    copies.delete(key);
    await cache.delete(key);
  }

  async function keep(key: string, path: string, etag: string | undefined): Promise<void> {
    await drop(key);
    const { size: bytes } = await stat(path);
    await cache.putFile(key, path);
    copies.set(key, { etag, bytes });
    sum += bytes;
    for (const other of copies.keys()) {
      if (sum <= maxBytes) return;
      if (other !== key) await drop(other);
    }
  }

  async function download(key: string): Promise<void> {
    const known = copies.get(key);
    const found = await get(key, known?.etag);
    if (found === undefined) return drop(key);
    if (found === "same") {
      copies.delete(key);
      copies.set(key, known!);
      return;
    }
    const path = cache.temporaryPath();
    try {
      await pipeline(found.content, createWriteStream(path, { flags: "wx" }));
      const { size } = await stat(path);
      if (found.bytes !== undefined && size !== found.bytes)
        throw new BrokenError(`Of "${key}" ${size} of ${found.bytes} bytes came.`);
      await keep(key, path, found.etag);
    } finally {
      await rm(path, { force: true });
    }
  }

  async function path(key: string): Promise<string> {
    await retryBroken(() => download(key));
    return cache.localPath(key);
  }

  return { path, keep, drop };
}
