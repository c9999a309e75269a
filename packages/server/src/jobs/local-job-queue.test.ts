import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobEvent } from "../contract/jobs.js";
import type { EmbeddingService } from "../embeddings/embedding-service.js";
import { ServerError } from "../errors.js";
import { openWorkerPool, type WorkerPool } from "../inference/worker-pool.js";
import { DEFAULT_LIMITS } from "../options.js";
import { createFakeWorker, type FakeWorker } from "../testing/fake-worker.js";
import { openStore } from "../testing/open-store.js";
import type { JobQueue } from "./job-queue.js";
import { openLocalJobQueue } from "./local-job-queue.js";

const IMAGE = "a".repeat(64);
const MASKS = { masks: [] };
let root = "";
let pool: WorkerPool;
let worker: FakeWorker;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-jobs-"));
  worker = createFakeWorker();
  const options = { onWorkerLost: () => undefined, startProcess: () => worker };
  pool = await openWorkerPool({}, 1, DEFAULT_LIMITS, options);
});
afterEach(async () => {
  pool.close();
  await rm(root, { recursive: true, force: true });
});

async function open(limits = {}): Promise<JobQueue> {
  const blobs = await openStore(root);
  const files = { float32Path: "e.safetensors", float16Path: "e.f16" };
  const embeddings = { get: async () => files } as Partial<EmbeddingService> as EmbeddingService;
  const services = { blobs, embeddings, limits: DEFAULT_LIMITS };
  return openLocalJobQueue(blobs, pool, services, { ...DEFAULT_LIMITS, ...limits });
}

/** The worker's next call, once it has been made. */
async function nextCall(method: string) {
  const find = () => worker.calls.findIndex((call) => call.method === method);
  await expect.poll(find, { interval: 2 }).toBeGreaterThanOrEqual(0);
  return worker.calls.splice(find(), 1)[0]!;
}

/** A job's state, or the code of the error where there is no such job. */
function stateOf(jobs: JobQueue, id: string): string {
  try {
    return jobs.get(id).state;
  } catch (error) {
    return (error as ServerError).code;
  }
}

function ended(jobs: JobQueue, id: string): Promise<string[]> {
  const heard: string[] = [];
  return new Promise((resolve) => {
    jobs.watch(id, ({ event }: JobEvent) => {
      heard.push(event);
      if (["done", "failed", "cancelled"].includes(event)) resolve(heard);
    });
  });
}

test("a job runs, tells what happens, and its masks stay", async () => {
  const jobs = await open();
  const { id } = await jobs.submit(IMAGE, {});
  const events = ended(jobs, id);
  (await nextCall("segment")).answer(MASKS);
  expect(await events).toEqual(["state", "state", "masks", "done"]);
  expect(jobs.get(id)).toMatchObject({ state: "done", masks: 0 });
  expect(await jobs.masks(id, {})).toEqual(MASKS);
  const picked = jobs.masks(id, { predIouThresh: 0.9 });
  const call = await nextCall("select");
  expect(call.input).toEqual({ jobId: id, selection: { predIouThresh: 0.9 } });
  call.answer(MASKS);
  expect(await picked).toEqual(MASKS);
});

test("a job that fails or is cancelled on a worker has its candidates released there", async () => {
  const jobs = await open();
  const failed = await jobs.submit(IMAGE, {});
  (await nextCall("segment")).fail(new ServerError("internal", "no masks could be picked"));
  const release = await nextCall("release");
  expect(release.input).toEqual({ jobId: failed.id });
  release.answer(undefined);
  const cancelled = await jobs.submit(IMAGE, {});
  await nextCall("segment");
  await jobs.cancel(cancelled.id);
  expect((await nextCall("release")).input).toEqual({ jobId: cancelled.id });
});

test("what the worker refuses is told by its code", async () => {
  const jobs = await open();
  const { id } = await jobs.submit(IMAGE, {});
  const events = ended(jobs, id);
  (await nextCall("segment")).fail(new ServerError("option-invalid", "no"));
  expect((await events).at(-1)).toBe("failed");
  expect(jobs.get(id)).toMatchObject({ state: "failed", error: { code: "option-invalid", message: "no" } });
});

test("a job is cancelled while it runs and while it waits", async () => {
  const jobs = await open();
  const running = await jobs.submit(IMAGE, {});
  const waiting = await jobs.submit(IMAGE, {});
  await nextCall("segment");
  expect(jobs.get(waiting.id)).toMatchObject({ state: "queued", position: 1 });
  expect(await jobs.cancel(waiting.id)).toMatchObject({ state: "cancelled" });
  expect(await jobs.cancel(running.id)).toMatchObject({ state: "cancelled" });
  expect(await jobs.cancel(running.id)).toMatchObject({ state: "cancelled" });
  expect(jobs.open()).toBe(0);
});

test("after a restart what had ended is as it was, and the rest is run again", async () => {
  const before = await open();
  const first = await before.submit(IMAGE, {});
  const done = ended(before, first.id);
  (await nextCall("segment")).answer(MASKS);
  await done;
  const second = await before.submit(IMAGE, { pointsPerSide: 8 });
  await nextCall("segment");
  await before.close();
  const after = await open();
  expect(after.get(first.id).state).toBe("done");
  expect(await after.masks(first.id, {})).toEqual(MASKS);
  await expect(after.masks(first.id, { boxNmsThresh: 0.5 })).rejects.toMatchObject({ code: "gone" });
  const again = ended(after, second.id);
  const call = await nextCall("segment");
  expect(call.input).toMatchObject({ jobId: second.id, options: { pointsPerSide: 8 } });
  call.answer(MASKS);
  expect((await again).at(-1)).toBe("done");
});

test("only the last jobs keep their candidates, and only so many jobs are remembered", async () => {
  const jobs = await open({ maxOpenJobs: 1, maxJobs: 1 });
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { id } = await jobs.submit(IMAGE, {});
    ids.push(id);
    const events = ended(jobs, id);
    (await nextCall("segment")).answer(MASKS);
    await events;
  }
  expect((await nextCall("release")).input).toEqual({ jobId: ids[0] });
  await expect.poll(() => stateOf(jobs, ids[0]!)).toBe("not-found");
  expect(jobs.get(ids[1]!).state).toBe("done");
});
