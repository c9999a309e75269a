/** The engine with BullMQ and an object store, for the law of what is resumed. */
import { mkdir } from "node:fs/promises";
import { createDispatchedQueue, openS3BlobStore } from "@segany/cluster";
import { openLocalBlobStore } from "@segany/server/blobs";
import { runFolderWorker } from "../../server/src/testing/folder-worker.mjs";

await runFolderWorker(
  (inDatabase, redis) => {
    const queue = createDispatchedQueue(inDatabase, redis, { sweepMs: 50 });
    return { queue, close: queue.close };
  },
  async ({ copies, address, endpoint, credentials }) => {
    await mkdir(copies);
    return openS3BlobStore(address, {
      cache: await openLocalBlobStore({ path: copies }),
      endpoint,
      credentials,
    });
  },
);
