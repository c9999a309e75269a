import { expect } from "vitest";
import { openStore } from "../store/open-store.js";
import { createWorkQueue } from "../work-items/create-work-queue.js";
import { type LawsEngine, startWorkerProcess } from "./worker-process.js";

/** Events that a worker may print before it is killed: about four items. */
const MOST_EVENTS = 12;

/**
 * Kills a worker again and again, at the start of an item, between its effects and their commit, or after it.
 * Every item must have its effects once.
 */
export async function killWorkerRounds(engine: LawsEngine, rounds: number): Promise<void> {
  const store = await openStore(engine.location);
  try {
    const queue = createWorkQueue({ db: store.db, now: Date.now });
    const count = rounds * 6 + 8;
    const isDone = async () => (await queue.list({ state: "done", limit: count })).items.length === count;
    const work = Array.from({ length: count }, (_, i) => ({ kind: "count", payload: i, maxAttempts: 1000 }));
    await queue.submitAll(work);
    for (let round = 0; round < rounds; round++) {
      const worker = startWorkerProcess(engine, `round-${round}`);
      const events = 1 + Math.floor(Math.random() * MOST_EVENTS);
      await expect
        .poll(async () => worker.events.length >= events || (await isDone()), { interval: 1 })
        .toBe(true);
      worker.signal("SIGKILL");
      await worker.ended;
    }
    const last = startWorkerProcess(engine, "last");
    await expect.poll(queue.counts).toEqual([{ kind: "count", state: "done", count }]);
    last.signal("SIGTERM");
    await last.ended;
    const effects = await store.db.selectFrom("audit_log").select("object_id").execute();
    const done = effects.map(({ object_id }) => Number(object_id)).sort((a, b) => a - b);
    expect(done).toEqual(work.map(({ payload }) => payload));
  } finally {
    await store.close();
  }
}
