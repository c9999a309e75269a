import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkQueue, openStore as openDatabase } from "@segany/data-engine";
import { expect, onTestFinished, test } from "vitest";
import type { JobEvent } from "../contract/jobs.js";
import type { EmbeddingService } from "../embeddings/embedding-service.js";
import { ServerError } from "../errors.js";
import { openWorkerPool } from "../inference/worker-pool.js";
import type { ServedModel } from "../models/served-models.js";
import { DEFAULT_LIMITS } from "../options.js";
import { createFakeWorker, type FakeWorker } from "../testing/fake-worker.js";
import { openStore } from "../testing/open-store.js";
import type { JobQueue } from "./job-queue.js";
import { openSharedJobQueue } from "./shared-job-queue.js";

const IMAGE = "a".repeat(64);
const MASKS = { masks: [] };
const FILES = { float32Path: "e.safetensors", float16Path: "e.f16" };
const LEASE_MS = 300;

interface TestServer {
  readonly jobs: JobQueue;
  /** What its model was asked. */
  readonly worker: FakeWorker;
  readonly reports: readonly string[];
  /** Is cut off from the database, as if it were killed. */
  die(): void;
}

/** Servers that share a database and a store of files. */
async function openServers(count: number, limits = {}): Promise<TestServer[]> {
  const root = await mkdtemp(join(tmpdir(), "segany-shared-jobs-"));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  const servers: TestServer[] = [];
  for (let i = 0; i < count; i++) servers.push(await openServer(root, limits));
  return servers;
}

async function openServer(root: string, limits: object): Promise<TestServer> {
  const database = await openDatabase({ file: join(root, "engine.sqlite") });
  const blobs = await openStore(root);
  const worker = createFakeWorker();
  const pool = await openWorkerPool({}, 1, DEFAULT_LIMITS, {
    onWorkerLost: () => undefined,
    startProcess: () => worker,
  });
  const use: EmbeddingService["use"] = async (_id, _wish, work) => work(FILES);
  const embeddings = { use } as Partial<EmbeddingService> as EmbeddingService;
  const models = { of: async () => ({ version: undefined, embeddings }) as ServedModel };
  let isDead = false;
  const queue = createWorkQueue({ db: database.db, now: Date.now }, { retryDelayMs: () => 0 });
  const untilDeath = { ...queue };
  for (const name of ["claim", "heartbeat", "finish", "fail", "release"] as const)
    untilDeath[name] = async (...args: never[]) => {
      if (isDead) throw new Error("no connection");
      return (queue[name] as (...given: never[]) => never)(...args);
    };
  const reports: string[] = [];
  const jobs = await openSharedJobQueue({
    ...{ queue: untilDeath, blobs, pool, concurrency: 1, leaseMs: LEASE_MS },
    services: { blobs, models, limits: DEFAULT_LIMITS },
    limits: { ...DEFAULT_LIMITS, ...limits },
    report: (message) => reports.push(message),
  });
  onTestFinished(async () => {
    await jobs.close();
    pool.close();
    await database.close();
  });
  const die = () => {
    isDead = true;
  };
  return { jobs, worker, reports, die };
}

/** The next call of a model, once it has been made. It lets candidates go by itself. */
async function nextCall({ worker }: TestServer, method: string) {
  const find = () => worker.calls.findIndex((call) => call.method === method);
  await expect
    .poll(
      () => {
        const [first] = worker.calls;
        if (method !== "release" && first?.method === "release") worker.calls.shift()!.answer(undefined);
        return find() >= 0;
      },
      { interval: 5 },
    )
    .toBe(true);
  return worker.calls.splice(find(), 1)[0]!;
}

/** Watches a job until its end. @returns the names of the events */
async function watched(jobs: JobQueue, id: string): Promise<string[]> {
  const heard: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const onEvent = ({ event }: JobEvent) => {
      heard.push(event);
      if (["done", "failed", "cancelled"].includes(event)) resolve();
    };
    jobs.watch(id, onEvent).catch(reject);
  });
  return heard;
}

test("a job runs on the server that took it, and all servers know of it", async () => {
  const [here, there] = (await openServers(2)) as [TestServer, TestServer];
  const { id } = await here.jobs.submit(IMAGE, {});
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  const heard = watched(there.jobs, id);
  const call = await nextCall(here, "segment");
  await expect.poll(async () => (await there.jobs.get(id)).state).toBe("running");
  expect(await there.jobs.open()).toBe(1);
  call.answer(MASKS);
  expect((await heard).slice(-2)).toEqual(["masks", "done"]);
  expect(await there.jobs.get(id)).toMatchObject({
    kind: "segment",
    imageId: IMAGE,
    state: "done",
    masks: 0,
  });
  expect(await there.jobs.masks(id, {})).toEqual(MASKS);
  expect(await watched(there.jobs, id)).toEqual(["state", "done"]);
  await expect(there.jobs.masks(id, { predIouThresh: 0.9 })).rejects.toMatchObject({ code: "gone" });
  const picked = here.jobs.masks(id, { predIouThresh: 0.9 });
  (await nextCall(here, "select")).answer(MASKS);
  expect(await picked).toEqual(MASKS);
});

test("a job of a server that is gone is run by another, and what the first finds late is refused", async () => {
  const [here, there] = (await openServers(2)) as [TestServer, TestServer];
  const { id } = await here.jobs.submit(IMAGE, {});
  const late = await nextCall(here, "segment");
  here.die();
  const heard = watched(there.jobs, id);
  (await nextCall(there, "segment")).answer(MASKS);
  expect((await heard).at(-1)).toBe("done");
  late.fail(new ServerError("internal", "late"));
  expect(await there.jobs.get(id)).toMatchObject({ state: "done" });
});

test("a job is cancelled from any server, at once for clients and soon on the model", async () => {
  const [here, there] = (await openServers(2)) as [TestServer, TestServer];
  const { id } = await here.jobs.submit(IMAGE, {});
  await nextCall(here, "segment");
  const heard = watched(here.jobs, id);
  expect(await there.jobs.cancel(id)).toMatchObject({ state: "cancelled" });
  expect((await heard).at(-1)).toBe("cancelled");
  await nextCall(here, "release");
  await expect.poll(() => here.jobs.open()).toBe(0);
  expect(await here.jobs.cancel(id)).toMatchObject({ state: "cancelled" });
});

test("a job that can't be done fails with its error, and one that a loaded server refuses runs again", async () => {
  const [here] = (await openServers(1)) as [TestServer];
  const { id } = await here.jobs.submit(IMAGE, {});
  (await nextCall(here, "segment")).fail(new ServerError("overloaded", "busy"));
  (await nextCall(here, "segment")).fail(new ServerError("image-too-large", "It has too many pixels."));
  expect((await watched(here.jobs, id)).at(-1)).toBe("failed");
  const error = { code: "image-too-large", message: "It has too many pixels." };
  expect(await here.jobs.get(id)).toMatchObject({ state: "failed", error });
  expect(here.reports).toEqual([expect.stringContaining("busy")]);
});

test("a job that ends each of its models fails after three attempts", async () => {
  const [here] = (await openServers(1)) as [TestServer];
  const { id } = await here.jobs.submit(IMAGE, {});
  for (let i = 0; i < 3; i++)
    (await nextCall(here, "segment")).fail(new ServerError("overloaded", "/data/models ended"));
  await expect.poll(async () => (await here.jobs.get(id)).state).toBe("failed");
  const { error } = await here.jobs.get(id);
  expect(error).toMatchObject({ code: "internal", message: expect.stringContaining("3 times") });
  expect(error!.message).not.toContain("/data");
});

test("jobs have a limit for each client and for all servers, and an unknown one is not found", async () => {
  const limits = { maxQueuedWork: 2, maxQueuedWorkPerClient: 1 };
  const [here, there] = (await openServers(2, limits)) as [TestServer, TestServer];
  const first = await here.jobs.submit(IMAGE, {}, { client: "anna" });
  await expect(there.jobs.submit(IMAGE, {}, { client: "anna" })).rejects.toMatchObject({
    code: "too-many-requests",
  });
  await there.jobs.submit(IMAGE, {}, { client: "ben" });
  await expect(there.jobs.submit(IMAGE, {}, { client: "carl" })).rejects.toMatchObject({
    code: "overloaded",
  });
  for (const id of [randomUUID().replaceAll("-", ""), "0".repeat(32)])
    await expect(here.jobs.get(id)).rejects.toMatchObject({ code: "not-found" });
  expect((await here.jobs.get(first.id)).state).toMatch(/queued|running/);
});
