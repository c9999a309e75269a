/** The engine with BullMQ, for the laws of work. */
import { createDispatchedQueue } from "@segany/cluster";
import * as library from "@segany/data-engine";
import { runLawsWorker } from "../../data-engine/src/testing/laws-worker.mjs";

await runLawsWorker(library, (inDatabase, redis) => {
  const queue = createDispatchedQueue(inDatabase, redis, { sweepMs: 50 });
  return { queue, close: queue.close };
});
