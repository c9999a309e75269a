import { rm } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type BlobStore, type ByteRange, checkBlobKey, createTurns, isBlobKey } from "@segany/server/blobs";
import { createLocalCopies } from "./local-copies.js";
import { retryBroken } from "./retry-broken.js";
import { parseS3Address } from "./s3-address.js";
import { createS3Client, type S3Options } from "./s3-client.js";
import { createS3Objects } from "./s3-objects.js";

/** A store of blobs in a bucket, which any number of processes on any machines share. */
export interface S3BlobStore extends BlobStore {
  /**
   * Address with which anybody may read the content for a time, at the store itself.
   *
   * @param seconds at most 604,800, a week
   */
  presign(key: string, seconds: number): Promise<string>;
  close(): void;
}

export interface S3StoreOptions extends S3Options {
  /** Folder of this process alone, for copies of what is read as a file; empty at first. */
  readonly cache: BlobStore;
  /** Beyond this the least recently used copies are removed; 4 GiB by default. */
  readonly maxCacheBytes?: number | undefined;
}

const DEFAULT_CACHE_BYTES = 4 * 2 ** 30;

/**
 * Opens a bucket as a store. An object is complete or not there, and what was put can be read by all at once.
 * `usedMs` is the time of storing: S3 keeps no time of use, so `touch` does nothing. `putNew` needs a store
 * that knows `If-None-Match` (Amazon S3, MinIO, Ceph); on others, of two writers at the same moment the last
 * wins.
 *
 * @param address `s3://bucket/prefix`
 * @throws ClusterError `address-invalid`, `store-unusable`
 */
export async function openS3BlobStore(address: string, options: S3StoreOptions): Promise<S3BlobStore> {
  const { bucket, prefix } = parseS3Address(address);
  const { cache, maxCacheBytes = DEFAULT_CACHE_BYTES } = options;
  const client = createS3Client(options);
  const objects = createS3Objects(client, bucket);
  const objectKey = (key: string) => prefix + checkBlobKey(key);
  const copies = createLocalCopies({
    cache,
    maxBytes: maxCacheBytes,
    get: (key, unless) => objects.get(objectKey(key), { unless }),
  });
  const inTurn = createTurns();

  async function putFile(key: string, path: string): Promise<void> {
    try {
      const etag = await objects.putFile(objectKey(key), path);
      await copies.keep(key, path, etag);
    } finally {
      await rm(path, { force: true });
    }
  }

  async function read(key: string, range?: ByteRange) {
    const found = await objects.get(objectKey(key), { range });
    return found === "same" ? undefined : found?.content;
  }

  await objects.check(prefix).catch((error: unknown) => {
    client.destroy();
    throw error;
  });
  return {
    isShared: true,
    read,
    put: async (key, bytes) => void (await objects.put(objectKey(key), bytes)),
    putNew: async (key, bytes) => objects.putNew(objectKey(key), bytes),
    putFile: (key, path) => inTurn(key, () => putFile(key, path)),
    get: (key) =>
      retryBroken(async () => {
        const content = await read(key);
        return content && buffer(content);
      }),
    stat: async (key) => objects.stat(objectKey(key)),
    localPath: (key) => inTurn(key, () => copies.path(key)),
    touch: async (key) => void objectKey(key),
    delete: (key) =>
      inTurn(key, async () => {
        await objects.delete(objectKey(key));
        await copies.drop(key);
      }),
    async list(folder) {
      const keys: string[] = [];
      for await (const { key } of objects.entries(`${objectKey(folder)}/`))
        keys.push(key.slice(prefix.length));
      return keys.filter(isBlobKey); // objects of others stay
    },
    temporaryPath: cache.temporaryPath,
    presign: async (key, seconds) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: objectKey(key) }), {
        expiresIn: seconds,
      }),
    close: () => client.destroy(),
  };
}
