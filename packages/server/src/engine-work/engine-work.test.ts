import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createEngine } from "../database/open-engine.js";
import { ServerError } from "../errors.js";
import { startEngineWork } from "./start-engine-work.js";

const BYTES = 100;

/** A server's engine with a task of images, and embeddings of 100 bytes each. */
async function openWork({ images = 3, maxEmbeddingBytes = 1000, broken = [] as string[] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "segany-engine-work-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "engine.sqlite");
  const engine = createEngine({ file });
  const encoded = new Set<string>();
  let fault: Error | undefined;
  const embeddings = {
    bytes: () => encoded.size * BYTES,
    async use(id: string) {
      if (fault) throw fault;
      if (broken.includes(id)) throw new ServerError("image-unreadable", "no image");
      encoded.add(id);
    },
  };
  const reports: string[] = [];
  const start = (on = engine) => {
    const models = { ofProject: async () => ({ embeddings }) };
    const services = { models, limits: { maxEmbeddingBytes } };
    const end = startEngineWork(on, services as never, {
      worker: "server",
      report: (message) => reports.push(message),
    });
    onTestFinished(async () => {
      await end();
      await on.close();
    });
    return end;
  };
  const ids = Array.from({ length: images }, (_, i) => String(i).padStart(64, "0"));
  const addTask = async () => {
    const { people, projects, tasks, workQueue } = await engine.open();
    const { id: person } = await people.add({ name: "olga" }, null);
    const { id: project } = await projects.create(person, { name: "fruit" });
    const { id } = await tasks.create(person, {
      ...{ project, name: "first" },
      images: ids.map((image) => ({ id: image, name: `${image}.jpg`, width: 4, height: 3 })),
    });
    const [work] = (await workQueue.list({ project, kind: "embed-task" })).items;
    return { task: id, work: work! };
  };
  const setFault = (error: Error | undefined) => {
    fault = error;
  };
  return { file, engine, encoded, reports, start, addTask, ids, setFault };
}

it("encodes the images of a task once the engine is opened", async () => {
  const { engine, encoded, start, addTask, ids } = await openWork();
  start();
  const { work } = await addTask();
  const { workQueue } = await engine.open();
  await expect.poll(async () => (await workQueue.get(work.id)).state).toBe("done");
  expect((await workQueue.get(work.id)).result).toEqual({ done: 3, unreadable: 0, left: 0, images: 3 });
  expect([...encoded]).toEqual(ids);
});

it("passes over images that can't be read, and stops before it would evict", async () => {
  const broken = ["0".repeat(64)];
  const { engine, start, addTask } = await openWork({ images: 6, maxEmbeddingBytes: 350, broken });
  start();
  const { work } = await addTask();
  const { workQueue } = await engine.open();
  await expect.poll(async () => (await workQueue.get(work.id)).state).toBe("done");
  expect((await workQueue.get(work.id)).result).toEqual({ done: 3, unreadable: 1, left: 2, images: 6 });
});

it("goes on after a restart with what an earlier run left", async () => {
  const { file, engine, start, addTask } = await openWork();
  const { work } = await addTask();
  const { workQueue } = await engine.open();
  const held = { worker: "server", kinds: ["embed-task"], leaseMs: 3_600_000 };
  expect(await workQueue.claim(held)).toMatchObject({ id: work.id, attempt: 1 });
  const next = createEngine({ file });
  start(next);
  await next.ifPresent();
  await expect.poll(async () => (await workQueue.get(work.id)).state).toBe("done");
  expect((await workQueue.get(work.id)).attempt).toBe(2);
  await engine.close();
});

it("tries again what may pass", async () => {
  const { engine, start, addTask, setFault } = await openWork();
  setFault(new ServerError("overloaded", "busy"));
  start();
  const { work } = await addTask();
  const { workQueue } = await engine.open();
  await expect.poll(async () => (await workQueue.get(work.id)).error).toBe("busy");
  expect(await workQueue.get(work.id)).toMatchObject({ state: "queued", attempt: 1 });
});
