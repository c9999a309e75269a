/** A worker of dispatch.mjs, whose step only takes time. Arguments: JSON with url, redis, name, stepMs. */
import { setTimeout } from "node:timers/promises";
import { createDispatchedQueue } from "@segany/cluster";
import { createWorkQueue, openStore, runWorker } from "@segany/data-engine";

const { url, redis, name, stepMs } = JSON.parse(process.argv[2]);
const store = await openStore({ url });
const inDatabase = createWorkQueue({ db: store.db, now: Date.now });
const queue = redis === undefined ? inDatabase : createDispatchedQueue(inDatabase, redis);
const abort = new AbortController();
process.once("SIGTERM", () => abort.abort());
process.stdout.write("ready\n");
await runWorker(
  queue,
  {
    step: async () => {
      if (stepMs > 0) await setTimeout(stepMs);
      return async () => null;
    },
  },
  { worker: name, signal: abort.signal },
);
await queue.close?.();
await store.close();
