import { expect, it, onTestFinished } from "vitest";
import { DataEngineError } from "../errors.js";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { createWorkQueue } from "./create-work-queue.js";
import type { WorkerEvent, WorkHandlers, WorkRun } from "./run-item.js";
import { runWorker, type WorkerOptions } from "./run-worker.js";
import type { WorkQueue } from "./work-queue.js";

/** A promise that its owner resolves. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const untilAborted = ({ signal }: WorkRun) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason));
  });

function start(queue: WorkQueue, handlers: WorkHandlers, options: Partial<WorkerOptions> = {}) {
  const events: WorkerEvent[] = [];
  const abort = new AbortController();
  const ended = runWorker(queue, handlers, {
    ...{ worker: "w", signal: abort.signal, pollMs: 5, leaseMs: 3_600_000, heartbeatMs: 5, ...options },
    onEvent: (event) => void events.push(event),
  });
  onTestFinished(async () => {
    abort.abort();
    await ended;
  });
  const types = () => events.map(({ type }) => type);
  return { events, types, end: () => abort.abort(), ended };
}

onBothDatabases("a worker", (open) => {
  async function openQueue() {
    const { db } = await open();
    return createWorkQueue({ db, now: Date.now }, { retryDelayMs: () => 0 });
  }

  it("runs what is submitted with its handler, as many at a time as it may", async () => {
    const queue = await openQueue();
    const both = gate();
    let running = 0;
    let most = 0;
    const handlers: WorkHandlers = {
      embed: async ({ payload }) => {
        most = Math.max(most, ++running);
        if (running === 2) both.open();
        await both.opened;
        running--;
        return async () => payload;
      },
    };
    const worker = start(queue, handlers, { concurrency: 2 });
    await queue.submitAll([1, 2, 3, 4, 5].map((payload) => ({ kind: "embed", payload })));
    await queue.submit({ kind: "other" });
    await expect.poll(() => worker.types().filter((type) => type === "done").length).toBe(5);
    expect(most).toBe(2);
    expect((await queue.list({ kind: "embed" })).items.map(({ result }) => result).sort()).toEqual([
      ...[1, 2, 3, 4, 5],
    ]);
    expect((await queue.list({ kind: "other" })).items[0]).toMatchObject({ state: "queued" });
  });

  it("keeps the lease of long work, with its progress", async () => {
    const queue = await openQueue();
    const finish = gate();
    const handlers: WorkHandlers = {
      embed: async (_, { progress }) => {
        progress({ done: 1 });
        await finish.opened;
        return async () => "ok";
      },
    };
    const worker = start(queue, handlers);
    const { id } = await queue.submit({ kind: "embed" });
    await expect.poll(async () => (await queue.get(id)).progress).toEqual({ done: 1 });
    const first = (await queue.get(id)).leaseExpiresAt!;
    await expect.poll(async () => (await queue.get(id)).leaseExpiresAt!).toBeGreaterThan(first);
    finish.open();
    await expect.poll(async () => (await queue.get(id)).state).toBe("done");
    expect(worker.types()).toEqual(["started", "done"]);
    expect((await queue.get(id)).attempt).toBe(1);
  });

  it("parks what fails each time, at once what can't be helped, and goes on", async () => {
    const queue = await openQueue();
    const handlers: WorkHandlers = {
      poison: () => {
        throw new Error("no such file");
      },
      wrong: async () => {
        throw new DataEngineError("invalid", "no image");
      },
      effects: async () => async () => {
        throw new Error("disk full");
      },
      good: async () => async () => "ok",
    };
    const worker = start(queue, handlers);
    for (const kind of ["poison", "wrong", "effects", "good"]) await queue.submit({ kind, maxAttempts: 2 });
    const states = async () =>
      Object.fromEntries(
        (await queue.list()).items.map((item) => [item.kind, [item.state, item.attempt, item.error]]),
      );
    await expect.poll(states).toEqual({
      poison: ["dead", 2, "no such file"],
      wrong: ["dead", 1, "no image"],
      effects: ["dead", 2, "disk full"],
      good: ["done", 1, null],
    });
    const count = (wanted: string) => worker.types().filter((type) => type === wanted).length;
    await expect.poll(() => [count("failed"), count("dead")]).toEqual([2, 3]); // told after it is stored
  });

  it("stops work that is cancelled", async () => {
    const queue = await openQueue();
    const worker = start(queue, { embed: async (_, run) => untilAborted(run) });
    const { id } = await queue.submit({ kind: "embed" });
    await expect.poll(async () => (await queue.get(id)).state).toBe("running");
    await queue.cancel(id);
    await expect.poll(async () => (await queue.get(id)).state).toBe("cancelled");
    await expect.poll(worker.types).toEqual(["started", "cancelled"]);
  });

  it("lets work end that runs when it is stopped, and claims no more", async () => {
    const queue = await openQueue();
    const finish = gate();
    const handlers: WorkHandlers = {
      embed: async () => {
        await finish.opened;
        return async () => "ok";
      },
    };
    const worker = start(queue, handlers, { drainMs: 300_000 });
    await queue.submitAll([{ kind: "embed" }, { kind: "embed" }]);
    await expect.poll(worker.types).toEqual(["started"]);
    worker.end();
    finish.open();
    await worker.ended;
    expect(worker.types()).toEqual(["started", "done"]);
    expect((await queue.list({ state: "queued" })).items).toHaveLength(1);
  });

  it("gives back what does not end in time, for another worker", async () => {
    const queue = await openQueue();
    const worker = start(queue, { embed: async (_, run) => untilAborted(run) }, { drainMs: 0 });
    const { id } = await queue.submit({ kind: "embed", maxAttempts: 1 });
    await expect.poll(worker.types).toEqual(["started"]);
    worker.end();
    await worker.ended;
    expect(worker.types()).toEqual(["started", "released"]);
    const other = start(queue, { embed: async () => async () => "ok" });
    await expect.poll(async () => (await queue.get(id)).state).toBe("done");
    expect(other.types()).toEqual(["started", "done"]);
  });

  it("drops what it did when another has the work", async () => {
    const queue = await openQueue();
    let lost: unknown;
    const worker = start(queue, {
      embed: async (item, run) => {
        await queue.releaseAll("w"); // what happens to a worker that was silent for too long
        await queue.cancel(item.id);
        await untilAborted(run).catch((reason) => {
          lost = reason;
        });
        return async () => "late";
      },
    });
    const { id } = await queue.submit({ kind: "embed" });
    await expect.poll(worker.types).toEqual(["started", "lease-lost"]);
    expect(lost).toMatchObject({ code: "lease-lost" });
    expect(await queue.get(id)).toMatchObject({ state: "cancelled", result: null });
  });

  it("goes on after the queue failed", async () => {
    const queue = await openQueue();
    let failures = 0;
    const shaky: WorkQueue = {
      ...queue,
      claim: (claim) => (failures++ < 3 ? Promise.reject(new Error("no connection")) : queue.claim(claim)),
      heartbeat: () => Promise.reject(new Error("no connection")),
    };
    const worker = start(shaky, { embed: async () => async () => "ok" });
    await queue.submit({ kind: "embed" });
    const failed = "queue-failed";
    await expect.poll(worker.types).toEqual([failed, failed, failed, "started", "done"]);
  });

  it("refuses to run nothing at a time", async () => {
    const queue = await openQueue();
    const options = { worker: "w", signal: AbortSignal.abort(), concurrency: 0 };
    await expect(runWorker(queue, {}, options)).rejects.toMatchObject({ code: "invalid" });
  });
});
