/**
 * Downloads kept in Cache Storage under the hash of their content, so that the next view of a page loads
 * none.
 */
import { sha256Hex } from "./browser-sha256.js";

const CACHE = "segany-weights-1";
/** Entries are named by addresses under a host that cannot exist. */
const BASE = "https://weights.invalid/";

/**
 * Where downloads are kept; a page without storage (no https, private window, full disk) gets none and works.
 */
export interface DownloadCache {
  /** The content, if it is there and whole. */
  get(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The hash that an address stood for when it was last downloaded. */
  hashOf(url: string): Promise<string | undefined>;
  remember(url: string, sha256: string): Promise<void>;
}

/**
 * Opens the cache of this page's origin; storage that fails is as none.
 *
 * @example
 * const cache = await openDownloadCache(globalThis.caches);
 * const bytes = new TextEncoder().encode("three masks");
 * await cache.put(await sha256Hex(bytes), bytes);
 */
export async function openDownloadCache(storage: CacheStorage | undefined): Promise<DownloadCache> {
  const cache = await quietly(async () => storage?.open(CACHE));
  return {
    async get(sha256) {
      const found = await quietly(async () => cache?.match(contentKey(sha256)));
      const bytes = await quietly(async () => found && new Uint8Array(await found.arrayBuffer()));
      if (!bytes || (await sha256Hex(bytes)) === sha256) return bytes;
      await quietly(async () => cache?.delete(contentKey(sha256)));
      return undefined;
    },
    async put(sha256, bytes) {
      await quietly(async () => cache?.put(contentKey(sha256), new Response(bytes)));
    },
    async hashOf(url) {
      return quietly(async () => (await cache?.match(addressKey(url)))?.text());
    },
    async remember(url, sha256) {
      await quietly(async () => cache?.put(addressKey(url), new Response(sha256)));
    },
  };
}

/**
 * Frees what pages of this origin have kept of weights.
 *
 * @example
 * await clearDownloads(); // the next visit downloads the weights again
 */
export async function clearDownloads(): Promise<void> {
  await globalThis.caches?.delete(CACHE);
}

function contentKey(sha256: string): string {
  return `${BASE}sha256/${sha256}`;
}

function addressKey(url: string): string {
  return `${BASE}address/${encodeURIComponent(url)}`;
}

/** What the cache cannot do costs a download, nothing else. */
async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
