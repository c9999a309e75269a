import { join } from "node:path";
import { writeFileInside } from "./node-folders.js";
import { readOwnFile } from "./node-own-files.js";

const hashCacheName = "hashes.json";
const maxCachedHashes = 256;

/**
 * What a file was when it was hashed. Numbers are text: times in nanoseconds and inodes don't fit into
 * JSON's.
 */
export interface HashRecord {
  readonly size: string;
  readonly mtimeNs: string;
  /** No program can set it: a file that was changed and given back its old time has another. */
  readonly ctimeNs: string;
  readonly inode: string;
  readonly sha256: string;
}

/**
 * The remembered hashes by absolute path. A cache that cannot be read, or that others can
 * write to, is empty: the hashes are computed again.
 */
export async function readHashCache(cacheDirectory: string): Promise<Record<string, HashRecord>> {
  try {
    const cache: unknown = JSON.parse(await readOwnFile(join(cacheDirectory, hashCacheName)));
    if (typeof cache !== "object" || cache === null || Array.isArray(cache)) return {};
    return Object.fromEntries(Object.entries(cache).filter(([, value]) => isHashRecord(value)));
  } catch {
    return {};
  }
}

function isHashRecord(value: unknown): value is HashRecord {
  if (typeof value !== "object" || value === null) return false;
  const { size, mtimeNs, ctimeNs, inode, sha256 } = value as Record<string, unknown>;
  const texts = [size, mtimeNs, ctimeNs, inode].every((item) => typeof item === "string");
  return texts && typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
}

/**
 * Adds a hash as the newest entry and forgets the oldest beyond a limit. Written beside and renamed, so that
 * a reader never sees half a file; of two processes at once one entry may get lost, and is then computed
 * again. A folder that cannot be written costs only the memory of the hash.
 */
export async function rememberHash(cacheDirectory: string, key: string, record: HashRecord): Promise<void> {
  try {
    const { [key]: _replaced, ...others } = await readHashCache(cacheDirectory);
    const entries = [...Object.entries(others), [key, record]].slice(-maxCachedHashes);
    await writeFileInside(
      cacheDirectory,
      hashCacheName,
      `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`,
    );
  } catch {
    // It is computed again the next time.
  }
}
