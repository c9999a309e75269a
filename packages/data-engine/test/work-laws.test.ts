import { createWorkQueue } from "@segany/data-engine";
import { expect, it } from "vitest";
import { onBothDatabases } from "../src/testing/on-both-databases.js";
import { killWorkerRounds } from "./kill-rounds.js";
import { startWorkerProcess } from "./worker-process.js";

onBothDatabases("work of the machine", (open) => {
  async function openQueue() {
    const { store, db, location } = await open();
    const queue = createWorkQueue({ db, now: Date.now }, { retryDelayMs: () => 0 });
    const effects = async () =>
      (await store.db.selectFrom("audit_log").select(["object_id", "details_json"]).execute()).map(
        ({ object_id, details_json }) => [object_id, JSON.parse(details_json).worker],
      );
    return { queue, location, effects };
  }

  it("is finished once although its workers are killed", async () => {
    const { location } = await open();
    await killWorkerRounds(location, 3);
  });

  it("is not written by a worker that was paused past its lease", async () => {
    const { queue, location, effects } = await openQueue();
    const { id } = await queue.submit({ kind: "wait", payload: "a" });
    const late = startWorkerProcess(location, "late", { once: true });
    await late.until("started");
    late.signal("SIGSTOP");
    const other = startWorkerProcess(location, "other", { once: true });
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
    const { queue, location, effects } = await openQueue();
    const { id } = await queue.submit({ kind: "wait", payload: "a" });
    const late = startWorkerProcess(location, "late", { once: true });
    await late.until("started");
    late.signal("SIGSTOP");
    const other = startWorkerProcess(location, "other", { once: true });
    await other.until("started");
    late.go();
    other.go();
    late.signal("SIGCONT");
    await Promise.all([other.until("done"), late.until("lease-lost")]);
    expect(await effects()).toEqual([["a", "other"]]);
    expect(await queue.get(id)).toMatchObject({ state: "done", result: { worker: "other" } });
  });

  it("is parked if it ends each of its workers, and the rest goes on", async () => {
    const { queue, location, effects } = await openQueue();
    const poison = await queue.submit({ kind: "poison", priority: 1000, maxAttempts: 2 });
    await queue.submitAll([1, 2, 3].map((payload) => ({ kind: "count", payload })));
    for (const name of ["first", "second"]) await startWorkerProcess(location, name).ended;
    const third = startWorkerProcess(location, "third");
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
});
