/**
 * A worker in a process of its own that encodes the images of a task, to be killed. Only the model is a
 * stand-in, which prints each image that it decodes. Arguments: JSON with `location`, `worker`, `leaseMs`,
 * `files` for `openBlobs`, and `redis` for an engine that has one.
 */
import { writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import * as library from "@segany/data-engine";
import { openEmbeddingService } from "../../dist/embeddings/embedding-service.js";
import { createEmbedTask } from "../../dist/engine-work/embed-task.js";
import { openImageStore } from "../../dist/images/open-image-store.js";
import { DEFAULT_LIMITS } from "../../dist/options.js";

/** Milliseconds that the stand-in needs, so that kills happen while it works as well as while it writes. */
const DECODING_MS = 5;

const idOf = (path) => /[0-9a-f]{64}/.exec(path)[0];

const pool = {
  model: { name: "stand-in", checkpointSha256: "5".repeat(64), precision: "fp32" },
  async call(_, { imagePath, float32Path, float16Path }, { onBegin }) {
    onBegin();
    process.stdout.write(`${idOf(imagePath)}\n`);
    await setTimeout(DECODING_MS);
    await writeFile(float32Path, "values".repeat(100));
    await writeFile(float16Path, "values".repeat(50));
  },
};

/**
 * @param openQueue makes the engine under test of the queue in the database
 * @param openBlobs opens the store of images and embeddings
 */
export async function runFolderWorker(openQueue, openBlobs) {
  const { location, worker, leaseMs, redis, files } = JSON.parse(process.argv[2]);
  const engine = await library.openDataEngine(location);
  const { queue, close } = openQueue(engine.workQueue, redis);
  const blobs = await openBlobs(files);
  const images = await openImageStore(blobs, (key) => console.error(`"${key}" is damaged.`));
  const embeddings = await openEmbeddingService(blobs, images, pool, DEFAULT_LIMITS);
  const abort = new AbortController();
  process.once("SIGTERM", () => abort.abort());
  const handlers = {
    [library.EMBED_TASK]: createEmbedTask(engine, async () => embeddings, Number.POSITIVE_INFINITY),
  };
  await library.runWorker(queue, handlers, {
    ...{ worker, leaseMs, heartbeatMs: 20, pollMs: 20, drainMs: 0, signal: abort.signal },
    onEvent({ type, error }) {
      if (type !== "started" && type !== "done" && type !== "released") console.error(type, error);
    },
  });
  await close();
  await engine.close();
  blobs.close?.();
}
