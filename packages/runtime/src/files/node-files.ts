import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { ByteSource } from "@segany/graph/weights";
import { SamError, throwIfAborted } from "@segany/masks";
import { readHashCache, rememberHash } from "./node-hash-cache.js";

/** Node reads less than 2 GiB at once; larger reads are split into parts of this many bytes. */
const maxReadSize = 2 ** 30;
const hashChunkSize = 2 ** 22;

/** How hashing is done and remembered. */
export interface HashFileOptions {
  /** Folder in which hashes are remembered by path, size, time of change and inode; none when left out. */
  readonly cacheDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes hashed so far and in all; not at all when the hash was remembered. */
  readonly onProgress?: ((hashedBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Opens a file for random access.
 *
 * @throws SamError `checkpoint-not-found`, or `file-unreadable` when it is a folder or may not be read
 *
 * @example
 * await writeFileAtomic("digits.txt", "0123456789");
 * const source = await openFileSource("digits.txt");
 * console.log(await source.read(2, 3)); // Uint8Array(3) [ 50, 51, 52 ]
 * await source.close?.();
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  const { handle, stats } = await openFile(path);
  return handleSource(path, handle, stats);
}

/** A file that is open for random access, and its SHA-256. */
export interface HashedSource {
  readonly source: ByteSource;
  readonly sha256: string;
}

/**
 * Opens a file for random access and hashes what was opened, or takes the hash from the cache folder.
 *
 * @throws SamError `checkpoint-not-found`, `file-unreadable`, `aborted`
 */
export async function openHashedSource(path: string, options: HashFileOptions): Promise<HashedSource> {
  const { handle, stats } = await openFile(path);
  try {
    const sha256 = await hashHandle(path, handle, stats, options);
    return { source: handleSource(path, handle, stats), sha256 };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * SHA-256 of a file, lower-case hex.
 *
 * @throws SamError `checkpoint-not-found`, `file-unreadable`, `aborted`
 *
 * @example
 * await writeFileAtomic("empty.bin", "");
 * console.log((await hashFile("empty.bin")).slice(0, 8)); // e3b0c442
 */
export async function hashFile(path: string, options: HashFileOptions = {}): Promise<string> {
  const { handle, stats } = await openFile(path);
  try {
    return await hashHandle(path, handle, stats, options);
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<{ handle: FileHandle; stats: BigIntStats }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw new Error(stats.isDirectory() ? "it is a folder" : "it is not a regular file");
    return { handle, stats };
  } catch (cause) {
    await handle?.close();
    if (errorCode(cause) === "ENOENT") {
      throw new SamError("checkpoint-not-found", `There is no file "${path}". Check the path.`, { cause });
    }
    throw unreadable(path, cause);
  }
}

function handleSource(path: string, handle: FileHandle, stats: BigIntStats): ByteSource {
  return {
    size: Number(stats.size),
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = await readPart(path, handle, bytes.subarray(done, done + maxReadSize), offset + done);
        if (count === 0) throw unreadable(path, `it ends at byte ${offset + done}; did it shrink meanwhile?`);
        done += count;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

async function readPart(
  path: string,
  handle: FileHandle,
  target: Uint8Array,
  position: number,
): Promise<number> {
  try {
    return (await handle.read(target, 0, target.length, position)).bytesRead;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function hashHandle(
  path: string,
  handle: FileHandle,
  stats: BigIntStats,
  { cacheDirectory, signal, onProgress }: HashFileOptions,
): Promise<string> {
  const record = {
    size: `${stats.size}`,
    mtimeNs: `${stats.mtimeNs}`,
    ctimeNs: `${stats.ctimeNs}`,
    inode: `${stats.ino}`,
  };
  const key = resolve(path);
  const known = cacheDirectory === undefined ? undefined : (await readHashCache(cacheDirectory))[key];
  if (
    known &&
    known.size === record.size &&
    known.mtimeNs === record.mtimeNs &&
    known.ctimeNs === record.ctimeNs &&
    known.inode === record.inode
  ) {
    return known.sha256;
  }
  const hash = createHash("sha256");
  const total = Number(stats.size);
  const chunk = new Uint8Array(hashChunkSize);
  let position = 0;
  for (;;) {
    throwIfAborted(signal);
    const count = await readPart(path, handle, chunk, position);
    if (count === 0) break;
    hash.update(chunk.subarray(0, count));
    position += count;
    onProgress?.(position, total);
  }
  const sha256 = hash.digest("hex");
  if (cacheDirectory !== undefined) await rememberHash(cacheDirectory, key, { ...record, sha256 });
  return sha256;
}

function unreadable(path: string, cause: unknown): SamError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SamError("file-unreadable", `Cannot read "${path}": ${reason}.`, { cause });
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
