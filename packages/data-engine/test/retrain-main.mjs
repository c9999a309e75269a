/**
 * A worker in a process of its own that trains model versions, to be killed. It prints a line for each report
 * of progress. Arguments: JSON with `location`, `folder`, `checkpoint` and `worker`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRetrainWork, openDataEngine, runWorker } from "@segany/data-engine";
import { trainVersion } from "@segany/data-engine/loop";

const { location, folder, checkpoint, worker } = JSON.parse(process.argv[2]);
const engine = await openDataEngine(location);
const stop = new AbortController();
const print = (line) => process.stdout.write(`${line}\n`);
const train = (version, attempt, { signal, onProgress }) =>
  trainVersion(engine.context, version, {
    ...{ folder, attempt, signal, base: { checkpoint } },
    running: { threads: 1, cacheDirectory: join(folder, "cache") },
    readImage: (id) => readFile(join(folder, "images", id, "file")),
    onProgress(progress) {
      onProgress(progress);
      print(progress.what);
    },
  });
await engine.workQueue.releaseAll(worker);
await runWorker(
  engine.workQueue,
  { retrain: createRetrainWork(engine.context, train) },
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
