/**
 * A worker in a process of its own that runs stage 3, to be killed. It prints a line for each image.
 * Arguments: JSON with `location`, `folder` and `worker`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createStageWork, openDataEngine, runWorker } from "@segany/data-engine";
import { runStage } from "@segany/data-engine/loop";

const { location, folder, worker } = JSON.parse(process.argv[2]);
const engine = await openDataEngine(location);
const stop = new AbortController();
const print = (line) => process.stdout.write(`${line}\n`);
const label = (run, { signal, onProgress }) =>
  runStage(engine.context, run, {
    ...{ folder, signal, base: {}, output: join(folder, "shards"), writing: { shardSizeBytes: 20_000 } },
    running: { threads: 1 },
    readImage: (id) => readFile(join(folder, "images", id, "file")),
    onProgress(progress) {
      onProgress(progress);
      print(progress.what);
    },
  });
await engine.workQueue.releaseAll(worker);
await runWorker(
  engine.workQueue,
  { stage: createStageWork(engine.context, label) },
  {
    ...{ worker, signal: stop.signal },
    onEvent({ type, error }) {
      print(type);
      if (error) process.stderr.write(`${error.stack}\n`);
      if (type !== "started") stop.abort();
    },
  },
);
await engine.close();
