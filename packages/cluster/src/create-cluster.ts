import type { Cluster } from "@segany/server";
import { createDispatchedQueue } from "./dispatch/create-dispatched-queue.js";
import { checkRedisUrl } from "./dispatch/redis-link.js";
import { openS3BlobStore } from "./s3/open-s3-blob-store.js";
import { parseS3Address } from "./s3/s3-address.js";
import type { S3Options } from "./s3/s3-client.js";

export interface ClusterOptions extends S3Options {
  /** Where images and embeddings are: `s3://bucket/prefix`. */
  readonly blobs: string;
  /** Address of Redis; without it, workers ask the database itself for work, twice a second each. */
  readonly redisUrl?: string | undefined;
  /** Size of the copies of files on this machine, bytes; 4 GiB by default. */
  readonly maxCopiesBytes?: number | undefined;
}

/**
 * What `startServer` and `startWorker` share with other machines, beside their PostgreSQL database.
 *
 * @throws ClusterError `address-invalid`
 */
export function createCluster({ blobs, redisUrl, maxCopiesBytes, ...s3 }: ClusterOptions): Cluster {
  parseS3Address(blobs);
  if (redisUrl !== undefined) checkRedisUrl(redisUrl);
  return {
    openBlobs: (cache) => openS3BlobStore(blobs, { ...s3, cache, maxCacheBytes: maxCopiesBytes }),
    dispatch(queue, report) {
      if (redisUrl === undefined) return { queue, close: async () => undefined };
      const dispatched = createDispatchedQueue(queue, redisUrl, {
        onRedis: (state, error) =>
          report(
            state === "lost"
              ? `${error?.message}. Until it is back, the database itself is asked for work.`
              : "Redis is back.",
          ),
      });
      return { queue: dispatched, close: dispatched.close };
    },
  };
}
