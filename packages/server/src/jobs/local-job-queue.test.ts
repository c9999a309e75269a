import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EmbeddingFiles } from "../embeddings/embedding-records.js";
import type { EmbeddingService, EmbeddingWish } from "../embeddings/embedding-service.js";
import { ServerError, WorkerLostError } from "../errors.js";
import { openWorkerPool, type WorkerPool } from "../inference/worker-pool.js";
import type { ServedModel } from "../models/served-models.js";
import { DEFAULT_LIMITS } from "../options.js";
import { jobKeys } from "../records/job-record.js";
import { createFakeWorker, type FakeWorker, settle } from "../testing/fake-worker.js";
import { createFaultyStore, diskFull, type FaultyStore } from "../testing/faulty-store.js";
import { openStore } from "../testing/open-store.js";
import type { JobQueue } from "./job-queue.js";
import { openLocalJobQueue } from "./local-job-queue.js";

const IMAGE = "a".repeat(64);
const MASKS = { masks: [] };
let root = "";
let pool: WorkerPool;
let workers: FakeWorker[];
let blobs: FaultyStore;
let reports: string[];
/** Calls that let candidates go while another call was waited for. */
let released: FakeWorker["calls"];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-jobs-"));
  workers = [];
  reports = [];
  released = [];
  blobs = createFaultyStore(await openStore(root));
  const startProcess = () => {
    const worker = createFakeWorker();
    workers.push(worker);
    return worker;
  };
  pool = await openWorkerPool({}, 1, DEFAULT_LIMITS, { onWorkerLost: () => undefined, startProcess });
});
afterEach(async () => {
  pool.close();
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
});

async function open(
  limits = {},
  embed: (id: string, wish: EmbeddingWish) => Promise<EmbeddingFiles> = async () => FILES,
): Promise<JobQueue> {
  const use: EmbeddingService["use"] = async (id, wish, work) => work(await embed(id, wish));
  const embeddings = { use } as Partial<EmbeddingService> as EmbeddingService;
  const models = { of: async () => ({ version: undefined, embeddings }) as ServedModel };
  return openLocalJobQueue(blobs, {
    pool,
    services: { blobs, models, limits: DEFAULT_LIMITS },
    limits: { ...DEFAULT_LIMITS, ...limits },
    report: (message) => reports.push(message),
  });
}

const FILES = { float32Path: "e.safetensors", float16Path: "e.f16" };

/** The next call of a worker, once it has been made. A worker lets candidates go by itself. */
async function nextCall(method: string) {
  for (;;) {
    if (method === "release" && released.length > 0) return { ...released.shift()!, die: workers[0]!.die };
    for (const worker of workers) {
      if (method !== "release" && worker.calls[0]?.method === "release") {
        worker.calls[0].answer(undefined);
        released.push(worker.calls.shift()!);
      }
      const index = worker.calls.findIndex((call) => call.method === method);
      if (index >= 0) return { ...worker.calls.splice(index, 1)[0]!, die: worker.die };
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function stateOf(jobs: JobQueue, id: string): Promise<string> {
  return jobs.get(id).then(
    ({ state }) => state,
    ({ code }) => code,
  );
}

async function ended(jobs: JobQueue, id: string): Promise<string[]> {
  const heard: string[] = [];
  let finish: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await jobs.watch(id, ({ event }) => {
    heard.push(event);
    if (["done", "failed", "cancelled"].includes(event)) finish();
  });
  await end;
  return heard;
}

test("a job runs, tells what happens, and its masks stay", async () => {
  const jobs = await open();
  const { id } = await jobs.submit(IMAGE, {});
  const events = ended(jobs, id);
  (await nextCall("segment")).answer(MASKS);
  expect(await events).toEqual(["state", "state", "masks", "done"]);
  expect(await jobs.get(id)).toMatchObject({ state: "done", masks: 0 });
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
  expect(await jobs.get(id)).toMatchObject({
    state: "failed",
    error: { code: "option-invalid", message: "no" },
  });
});

test("a job is cancelled while it runs and while it waits", async () => {
  const jobs = await open();
  const running = await jobs.submit(IMAGE, {});
  const waiting = await jobs.submit(IMAGE, {});
  await nextCall("segment");
  expect(await jobs.get(waiting.id)).toMatchObject({ state: "queued", position: 1 });
  expect(await jobs.cancel(waiting.id)).toMatchObject({ state: "cancelled" });
  expect(await jobs.cancel(running.id)).toMatchObject({ state: "cancelled" });
  expect(await jobs.cancel(running.id)).toMatchObject({ state: "cancelled" });
  expect(await jobs.open()).toBe(0);
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
  expect((await after.get(first.id)).state).toBe("done");
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
  expect((await jobs.get(ids[1]!)).state).toBe("done");
});

describe("a job whose worker is killed", () => {
  test("is run again on the next, and who watches hears that it waits again", async () => {
    const jobs = await open();
    const { id } = await jobs.submit(IMAGE, {});
    const events = ended(jobs, id);
    (await nextCall("segment")).die();
    const again = await nextCall("segment");
    expect((await jobs.get(id)).state).toBe("running");
    again.answer(MASKS);
    expect(await events).toEqual(["state", "state", "state", "state", "masks", "done"]);
    expect(await jobs.masks(id, {})).toEqual(MASKS);
  });

  test("each time fails after three, with how it ended, and the next job has its turn", async () => {
    const jobs = await open();
    const poison = await jobs.submit(IMAGE, {});
    const next = await jobs.submit(IMAGE, {});
    for (let i = 0; i < 3; i++) {
      const events = ended(jobs, poison.id);
      for (let done = false; !done; ) {
        const call = await nextCall("segment");
        done = (call.input as { jobId: string }).jobId === poison.id;
        if (done) call.die();
        else call.answer(MASKS);
      }
      if (i === 2) expect((await events).at(-1)).toBe("failed");
    }
    expect(await jobs.get(poison.id)).toMatchObject({
      state: "failed",
      error: { code: "internal", message: expect.stringMatching(/started 3 times.*signal SIGKILL/) },
    });
    const state = (await jobs.get(next.id)).state;
    if (state !== "done") {
      const events = ended(jobs, next.id);
      (await nextCall("segment")).answer(MASKS);
      expect((await events).at(-1)).toBe("done");
    }
  });

  test("while its image is encoded is run again, and no more than three times", async () => {
    let encodings = 0;
    const jobs = await open({}, async () => {
      encodings++;
      throw new WorkerLostError("signal SIGSEGV");
    });
    const { id } = await jobs.submit(IMAGE, {});
    expect((await ended(jobs, id)).at(-1)).toBe("failed");
    expect(encodings).toBe(3);
    expect((await jobs.get(id)).error?.message).toContain("signal SIGSEGV");
  });

  test("with its server counts the same, but not when the server is ended in good order", async () => {
    const first = await open();
    const { id } = await first.submit(IMAGE, {});
    await nextCall("segment");
    await expect.poll(() => attemptsOf(id)).toBe(1);
    const afterKill = (await readRecord(id)).replace('"attempts":1', '"attempts":3');
    await first.close();
    expect(await attemptsOf(id)).toBe(0);
    await blobs.put(jobKeys.record(id), afterKill);
    const last = await open();
    await expect.poll(() => stateOf(last, id)).toBe("failed");
    expect((await last.get(id)).error?.message).toMatch(/started 3 times.*the server ended/);
  });
});

const attemptsOf = async (id: string) => JSON.parse(await readRecord(id)).attempts;

async function readRecord(id: string): Promise<string> {
  return (await blobs.get(jobKeys.record(id)))?.toString() ?? "";
}

test("a job that is refused for now waits, without an end to its patience", async () => {
  const refusals = ["overloaded", "too-many-requests", "storage-full", "overloaded", "overloaded"] as const;
  let asked = 0;
  const jobs = await open({}, async () => {
    const code = refusals[asked++];
    if (code) throw new ServerError(code, "not now", { retryAfterS: 0.001 });
    return FILES;
  });
  const { id } = await jobs.submit(IMAGE, {});
  const events = ended(jobs, id);
  (await nextCall("segment")).answer(MASKS);
  expect((await events).at(-1)).toBe("done");
  expect(asked).toBe(6);
});

test("a fault of the worker is in the job's error with its cause", async () => {
  const jobs = await open();
  const { id } = await jobs.submit(IMAGE, {});
  const events = ended(jobs, id);
  const cause = new Error("SamError: ONNX Runtime could not allocate 8589934592 bytes");
  (await nextCall("segment")).fail(new ServerError("internal", "Something went wrong.", { cause }));
  expect((await events).at(-1)).toBe("failed");
  expect((await jobs.get(id)).error).toEqual({
    code: "internal",
    message: `Something went wrong. The cause: ${cause.message}`,
  });
  expect(reports).toEqual([`Job ${id} failed.`]);
});

test("a client has its share of the jobs, and asks for no image as urgently as a person", async () => {
  const wishes: unknown[] = [];
  const jobs = await open({ maxQueuedWork: 3, maxQueuedWorkPerClient: 2 }, async (_id, wish) => {
    wishes.push(wish);
    return FILES;
  });
  for (let i = 0; i < 2; i++) await jobs.submit(IMAGE, {}, { client: "a" });
  await expect(jobs.submit(IMAGE, {}, { client: "a" })).rejects.toMatchObject({
    code: "too-many-requests",
    retryAfterS: 10,
  });
  const { id } = await jobs.submit(IMAGE, {}, { client: "b" });
  await expect(jobs.submit(IMAGE, {}, { client: "c" })).rejects.toMatchObject({ code: "overloaded" });
  expect(wishes).toEqual(["a", "a", "b"].map((client) => ({ client, isForJob: true })));
  await jobs.cancel(id);
  await jobs.submit(IMAGE, {}, { client: "c" });
});

test("jobs that are being written down count", async () => {
  const jobs = await open({ maxQueuedWorkPerClient: 2 });
  const submitted = await Promise.allSettled([1, 2, 3].map(() => jobs.submit(IMAGE, {}, { client: "a" })));
  expect(submitted.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
});

describe("on a full disk", () => {
  test("a job that can't be written down is refused, and takes nobody's place", async () => {
    const jobs = await open({ maxQueuedWork: 1 });
    blobs.faultOf = () => diskFull();
    for (let i = 0; i < 3; i++) await expect(jobs.submit(IMAGE, {})).rejects.toThrow("ENOSPC");
    expect(await jobs.open()).toBe(0);
    blobs.faultOf = () => undefined;
    const { id } = await jobs.submit(IMAGE, {});
    const events = ended(jobs, id);
    (await nextCall("segment")).answer(MASKS);
    expect((await events).at(-1)).toBe("done");
  });

  test.each(["masks", "record"] as const)(
    "a finished job whose %s can't be written isn't told as done, and is when there is room",
    async (what) => {
      const jobs = await open();
      const { id } = await jobs.submit(IMAGE, {});
      let refused = 0;
      const call = await nextCall("segment");
      await expect.poll(() => attemptsOf(id)).toBe(1);
      blobs.faultOf = (operation, key) => {
        if (operation !== "put" || key !== jobKeys[what](id)) return undefined;
        return refused++ < 2 ? diskFull() : undefined;
      };
      const events = ended(jobs, id);
      call.answer(MASKS);
      while (refused === 0) await settle();
      expect((await jobs.get(id)).state).toBe("running");
      expect(await readRecord(id)).toContain('"queued"');
      expect((await events).at(-1)).toBe("done");
      expect(await jobs.masks(id, {})).toEqual(MASKS);
      expect(reports).toHaveLength(1);
    },
  );

  test("a cancel that can't be written is refused, and the job goes on", async () => {
    const jobs = await open();
    const { id } = await jobs.submit(IMAGE, {});
    const call = await nextCall("segment");
    await expect.poll(() => attemptsOf(id)).toBe(1);
    blobs.faultOf = () => diskFull();
    await expect(jobs.cancel(id)).rejects.toThrow("ENOSPC");
    expect((await jobs.get(id)).state).toBe("running");
    blobs.faultOf = () => undefined;
    const events = ended(jobs, id);
    call.answer(MASKS);
    expect((await events).at(-1)).toBe("done");
  });

  test("a finished job that waits for room can be cancelled once there is some", async () => {
    const jobs = await open();
    const { id } = await jobs.submit(IMAGE, {});
    const call = await nextCall("segment");
    blobs.faultOf = (_operation, key) => (key === jobKeys.masks(id) ? diskFull() : undefined);
    call.answer(MASKS);
    while (reports.length === 0) await settle();
    expect((await jobs.cancel(id)).state).toBe("cancelled");
    expect(await jobs.open()).toBe(0);
  });
});
