// A process that does one export as a work item, as a server does, for the memory that it takes.
// usage: node benchmarks/lib/export-work-main.mjs <data folder> <project> [postgres://…]
import { join } from "node:path";
import { createPeople, EXPORT, openDataEngine } from "../../packages/data-engine/dist/index.js";
import { openLocalBlobStore } from "../../packages/server/dist/blobs/local-blob-store.js";
import { createExportWork } from "../../packages/server/dist/engine-work/export-set.js";

const [data, project, url] = process.argv.slice(2);
const engine = await openDataEngine(url === undefined ? { file: join(data, "engine.sqlite") } : { url });
const work = { project, format: "coco", state: "all", images: false };
const person = (await createPeople(engine.context).local()).id;
const { id } = await engine.machineWork.export(person, work);
const item = await engine.workQueue.claim({ worker: "bench", kinds: [EXPORT], item: id, leaseMs: 3_600_000 });
const blobs = await openLocalBlobStore({ path: data });
const handler = createExportWork(engine.context, blobs, data);
const effects = await handler(item, {
  signal: new AbortController().signal,
  progress: () => undefined,
  advance: (step) => engine.workQueue.advance(item, step),
});
await engine.workQueue.finish(item, effects);
const { result } = await engine.workQueue.get(id);
await blobs.delete(result.file);
await engine.close();
