import { expect, it, onTestFinished } from "vitest";
import { openStore } from "../store/open-store.js";
import { createWorkQueue } from "../work-items/create-work-queue.js";
import { killWorkerRounds } from "./kill-rounds.js";
import { type LawsEngine, startWorkerProcess, type WorkerProcess } from "./worker-process.js";

/** What every engine of work keeps, whatever happens to its workers. @param open an engine without work */
export function workLaws(open: () => Promise<LawsEngine>): void {
  async function openQueue() {
    const engine = await open();
    const store = await openStore(engine.location);
    onTestFinished(() => store.close());
    const queue = createWorkQueue({ db: store.db, now: Date.now }, { retryDelayMs: () => 0 });
    const effects = async () =>
      (await store.db.selectFrom("audit_log").select(["object_id", "details_json"]).execute()).map(
        ({ object_id, details_json }) => [object_id, JSON.parse(details_json).worker],
      );
    /** Stops a worker, but not within a transaction: in SQLite nobody else could write until it goes on. */
    const pause = async (worker: WorkerProcess) => {
      for (let isPaused = false; !isPaused; ) {
        worker.signal("SIGSTOP");
        isPaused = await queue.removeEnded(0).then(
          () => true,
          () => false,
        );
        if (!isPaused) worker.signal("SIGCONT");
      }
    };
    return { queue, engine, effects, pause };
  }

  it("is finished once although its workers are killed", async () => {
    await killWorkerRounds(await open(), 3);
  });

  it("is not written by a worker that was paused past its lease", async () => {
    const { queue, engine, effects, pause } = await openQueue();
    const { id } = await queue.submit({ kind: "wait", payload: "a" });
    const late = startWorkerProcess(engine, "late", { once: true });
    await late.until("started");
    await pause(late);
    const other = startWorkerProcess(engine, "other", { once: true });
    await other.until("started");
    other.go();
    await other.until("done");
    late.signal("SIGCONT");
    late.go();
    await late.until("lease-lost");
    expect(late.events).toEqual(["started", "lease-lost"]);
    expect(await effects()).toEqual([["a", "other"]]);
    expect(await queue.get(id)).toMatchObject({ state: "done", attempt: 2, result: { worker: "other" } });
  });

  it("has one result when two workers finish it at the same time", async () => {
    const { queue, engine, effects, pause } = await openQueue();
    const { id } = await queue.submit({ kind: "wait", payload: "a" });
    const late = startWorkerProcess(engine, "late", { once: true });
    await late.until("started");
    await pause(late);
    const other = startWorkerProcess(engine, "other", { once: true });
    await other.until("started");
    late.go();
    other.go();
    late.signal("SIGCONT");
    await Promise.all([other.until("done"), late.until("lease-lost")]);
    expect(await effects()).toEqual([["a", "other"]]);
    expect(await queue.get(id)).toMatchObject({ state: "done", result: { worker: "other" } });
  });

  it("is parked if it ends each of its workers, and the rest goes on", async () => {
    const { queue, engine, effects } = await openQueue();
    const poison = await queue.submit({ kind: "poison", priority: 1000, maxAttempts: 2 });
    await queue.submitAll([1, 2, 3].map((payload) => ({ kind: "count", payload })));
    for (const name of ["first", "second"]) await startWorkerProcess(engine, name).ended;
    const third = startWorkerProcess(engine, "third");
    await expect.poll(queue.counts).toEqual([
      { kind: "count", state: "done", count: 3 },
      { kind: "poison", state: "dead", count: 1 },
    ]);
    third.signal("SIGTERM");
    await third.ended;
    expect(await queue.get(poison.id)).toMatchObject({
      attempt: 2,
      error: expect.stringContaining("second"),
    });
    expect((await effects()).map(([object]) => object).sort()).toEqual(["1", "2", "3"]);
  });
}
