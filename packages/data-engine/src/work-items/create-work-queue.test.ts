import { expect, it } from "vitest";
import type { Context, Db } from "../context.js";
import { onBothDatabases, START } from "../testing/on-both-databases.js";
import { createWorkQueue } from "./create-work-queue.js";
import type { WorkItem } from "./work-item.js";

const LEASE_MS = 1000;
const claimAs = (worker: string, kinds = ["embed"]) => ({ worker, kinds, leaseMs: LEASE_MS });

/** An effect that can be counted. */
const note = (object: string) => (db: Db) =>
  db
    .insertInto("audit_log")
    .values({
      ...{ at: 0, person_id: null, event: "effect", project_id: null, object_id: object, details_json: "{}" },
    })
    .execute()
    .then(() => ({ noted: object }));

const notes = async ({ db }: Context) =>
  (await db.selectFrom("audit_log").select("object_id").orderBy("sequence").execute()).map(
    (row) => row.object_id,
  );

onBothDatabases("the work queue", (open) => {
  async function openQueue() {
    const context = await open();
    return {
      ...context,
      context,
      queue: createWorkQueue(context, { retryDelayMs: (attempt) => attempt * 100 }),
    };
  }

  it("runs an item from its submission to its result", async () => {
    const { queue, context } = await openQueue();
    const submitted = await queue.submit({ kind: "embed", project: "p", payload: { image: "a" } });
    expect(submitted).toMatchObject({
      state: "queued",
      attempt: 0,
      maxAttempts: 3,
      priority: 100,
      runAt: START,
    });
    const claimed = await queue.claim(claimAs("w"));
    expect(claimed).toMatchObject({
      ...{ id: submitted.id, payload: { image: "a" }, state: "running", attempt: 1, worker: "w" },
      leaseExpiresAt: START + LEASE_MS,
    });
    await queue.finish(claimed!, note("a"));
    expect(await queue.get(submitted.id)).toMatchObject({
      ...{ state: "done", result: { noted: "a" }, worker: null, leaseExpiresAt: null, error: null },
    });
    expect(await notes(context)).toEqual(["a"]);
    expect(await queue.claim(claimAs("w"))).toBeUndefined();
  });

  it("claims by priority, then by time, of the kinds asked for, and nothing before its time", async () => {
    const { queue, clock } = await openQueue();
    const kinds = { slow: "embed", fast: "export" };
    await queue.submit({ kind: kinds.slow, payload: 1, runAt: START - 1 });
    await queue.submit({ kind: kinds.slow, payload: 2, runAt: START - 2 });
    await queue.submit({ kind: kinds.slow, payload: 3, priority: 101 });
    await queue.submit({ kind: kinds.fast, payload: 4, priority: 500 });
    await queue.submit({ kind: kinds.slow, payload: 5, priority: 1000, runAt: START + 10 });
    await queue.submit({ kind: "other", payload: 6, priority: 1000 });
    const take = async (names: string[]) => (await queue.claim(claimAs("w", names)))?.payload;
    expect(await take([kinds.slow])).toBe(3);
    expect(await take([kinds.slow, kinds.fast])).toBe(4);
    expect(await take([kinds.slow, kinds.fast])).toBe(2);
    expect(await take([kinds.slow, kinds.fast])).toBe(1);
    expect(await take([kinds.slow, kinds.fast])).toBeUndefined();
    clock.now += 10;
    expect(await take([kinds.slow, kinds.fast])).toBe(5);
  });

  it("tells what is due, in the order of claims, and gives one of these items when asked for it", async () => {
    const { queue, clock } = await openQueue();
    const lost = await queue.submit({ kind: "embed", priority: 1 });
    await queue.claim(claimAs("silent"));
    const late = await queue.submit({ kind: "embed", runAt: START + 2 * LEASE_MS });
    const low = await queue.submit({ kind: "embed", priority: 50 });
    const high = await queue.submit({ kind: "embed", priority: 200 });
    const other = await queue.submit({ kind: "export" });
    const due = async (limit = 10) => (await queue.due("embed", limit)).map(({ id }) => id);
    expect(await due()).toEqual([high.id, low.id]);
    expect(await due(1)).toEqual([high.id]);
    clock.now += LEASE_MS;
    expect(await due()).toEqual([high.id, low.id, lost.id]);
    const take = (id: string) => queue.claim({ ...claimAs("w"), item: id });
    for (const not of [late.id, other.id, "none"]) expect(await take(not)).toBeUndefined();
    expect(await take(low.id)).toMatchObject({ id: low.id, attempt: 1, worker: "w" });
    expect(await take(low.id)).toBeUndefined();
    expect(await take(lost.id)).toMatchObject({ id: lost.id, attempt: 2 });
    await expect(due(0)).rejects.toMatchObject({ code: "invalid" });
  });

  it("gives an item to one of many workers", async () => {
    const { queue } = await openQueue();
    const ids = await queue.submitAll(Array.from({ length: 10 }, (_, i) => ({ kind: "embed", payload: i })));
    const claims = await Promise.all(Array.from({ length: 12 }, (_, i) => queue.claim(claimAs(`w${i}`))));
    // A worker may find nothing while others are claiming; it asks again.
    for (let i = 0; i < 10; i++) claims.push(await queue.claim(claimAs("late")));
    const got = claims.filter((item) => item !== undefined).map(({ id }) => id);
    expect(got.sort()).toEqual([...ids].sort());
  });

  it("refuses every write of an attempt after its item was given to another", async () => {
    const { queue, clock, context } = await openQueue();
    const { id } = await queue.submit({ kind: "embed" });
    const late = (await queue.claim(claimAs("late")))!;
    clock.now += LEASE_MS;
    const held = (await queue.claim(claimAs("other")))!;
    expect(held).toMatchObject({ id, attempt: 2, worker: "other", error: expect.stringContaining("late") });
    const refused = { code: "lease-lost" };
    await expect(queue.finish(late, note("late"))).rejects.toMatchObject(refused);
    await expect(queue.heartbeat(late, { leaseMs: 1 })).rejects.toMatchObject(refused);
    await expect(queue.fail(late, { error: "x" })).rejects.toMatchObject(refused);
    await expect(queue.release(late)).rejects.toMatchObject(refused);
    await queue.finish(held, note("held"));
    await expect(queue.finish(held, note("twice"))).rejects.toMatchObject(refused);
    expect(await notes(context)).toEqual(["held"]);
  });

  it("keeps one result of two attempts that finish at the same time", async () => {
    const { queue, clock, context } = await openQueue();
    await queue.submit({ kind: "embed" });
    const first = (await queue.claim(claimAs("a")))!;
    clock.now += LEASE_MS;
    const second = (await queue.claim(claimAs("b")))!;
    const ends = await Promise.allSettled(
      [first, second, second].map((held) => queue.finish(held, note("x"))),
    );
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await notes(context)).toEqual(["x"]);
  });

  it("keeps an item whose lease is renewed", async () => {
    const { queue, clock } = await openQueue();
    await queue.submit({ kind: "embed" });
    const held = (await queue.claim(claimAs("w")))!;
    clock.now += LEASE_MS - 1;
    expect(await queue.heartbeat(held, { leaseMs: LEASE_MS, progress: { done: 3 } })).toEqual({
      cancelRequested: false,
    });
    clock.now += LEASE_MS - 1;
    await queue.heartbeat(held, { leaseMs: LEASE_MS });
    expect(await queue.claim(claimAs("other"))).toBeUndefined();
    expect((await queue.get(held.id)).progress).toEqual({ done: 3 });
  });

  it("takes effects back when they fail, and keeps the attempt", async () => {
    const { queue, context } = await openQueue();
    await queue.submit({ kind: "embed" });
    const held = (await queue.claim(claimAs("w")))!;
    const failing = queue.finish(held, async (trx) => {
      await note("x")(trx);
      throw new Error("disk full");
    });
    await expect(failing).rejects.toThrow("disk full");
    expect(await notes(context)).toEqual([]);
    expect((await queue.get(held.id)).state).toBe("running");
    await queue.finish(held, note("y"));
    expect(await notes(context)).toEqual(["y"]);
  });

  it("tries again after a delay that grows, then parks the item with its reason, and goes on", async () => {
    const { queue, clock } = await openQueue();
    const poison = await queue.submit({ kind: "embed", priority: 200, maxAttempts: 2 });
    await queue.submit({ kind: "embed", payload: "good" });
    const failed = await queue.fail((await queue.claim(claimAs("w")))!, { error: "no such file" });
    expect(failed).toMatchObject({
      id: poison.id,
      state: "queued",
      runAt: START + 100,
      error: "no such file",
    });
    expect((await queue.claim(claimAs("w")))?.payload).toBe("good");
    clock.now += 100;
    expect(await queue.fail((await queue.claim(claimAs("w")))!, { error: "again" })).toMatchObject({
      ...{ id: poison.id, state: "dead", attempt: 2, error: "again" },
    });
    clock.now += 1e9;
    expect(await queue.claim(claimAs("w"))).toMatchObject({ payload: "good", attempt: 2 });
  });

  it("parks at once what can't be helped, and an item that ends each of its workers", async () => {
    const { queue, clock } = await openQueue();
    await queue.submit({ kind: "embed" });
    const failed = await queue.fail((await queue.claim(claimAs("w")))!, { error: "bad", retry: false });
    expect(failed).toMatchObject({ state: "dead", attempt: 1 });
    const killer = await queue.submit({ kind: "embed", maxAttempts: 2 });
    for (const attempt of [1, 2]) {
      expect(await queue.claim(claimAs(`w${attempt}`))).toMatchObject({ attempt });
      clock.now += LEASE_MS;
    }
    expect(await queue.claim(claimAs("w3"))).toBeUndefined();
    expect(await queue.get(killer.id)).toMatchObject({
      state: "dead",
      error: "The worker w2 has stopped: its lease expired in attempt 2.",
    });
  });

  it("runs a dead item again with new attempts, and no other", async () => {
    const { queue, clock } = await openQueue();
    const { id } = await queue.submit({ kind: "embed", maxAttempts: 1 });
    await expect(queue.runAgain(id)).rejects.toMatchObject({ code: "conflict" });
    await queue.fail((await queue.claim(claimAs("w")))!, { error: "no" });
    await expect(queue.runAgain(id, 0)).rejects.toMatchObject({ code: "invalid" });
    expect(await queue.runAgain(id, 2)).toMatchObject({ state: "queued", maxAttempts: 3, error: null });
    expect(await queue.fail((await queue.claim(claimAs("w")))!, { error: "no" })).toMatchObject({
      ...{ state: "queued", attempt: 2 },
    });
    clock.now += 1000;
    await queue.finish((await queue.claim(claimAs("w")))!, async () => 1);
    await expect(queue.runAgain(id)).rejects.toMatchObject({ code: "conflict" });
    await expect(queue.runAgain("none")).rejects.toMatchObject({ code: "not-found" });
  });

  it("cancels queued work at once and running work when its worker learns of it", async () => {
    const { queue } = await openQueue();
    const queued = await queue.submit({ kind: "embed" });
    expect((await queue.cancel(queued.id)).state).toBe("cancelled");
    expect((await queue.cancel(queued.id)).state).toBe("cancelled");
    await queue.submit({ kind: "embed" });
    const held = (await queue.claim(claimAs("w")))!;
    expect(await queue.cancel(held.id)).toMatchObject({ state: "running", cancelRequested: true });
    expect(await queue.heartbeat(held, { leaseMs: LEASE_MS })).toEqual({ cancelRequested: true });
    expect((await queue.fail(held, { error: "cancelled" })).state).toBe("cancelled");
    expect(await queue.claim(claimAs("w"))).toBeUndefined();
    expect(await queue.runAgain(held.id)).toMatchObject({ state: "queued", cancelRequested: false });
  });

  it("does not cancel what has ended", async () => {
    const { queue } = await openQueue();
    await queue.submit({ kind: "embed" });
    const held = (await queue.claim(claimAs("w")))!;
    await queue.cancel(held.id);
    await queue.finish(held, async () => "in time");
    expect(await queue.get(held.id)).toMatchObject({ state: "done", result: "in time" });
    await expect(queue.cancel(held.id)).rejects.toMatchObject({ code: "conflict" });
    await expect(queue.cancel("none")).rejects.toMatchObject({ code: "not-found" });
  });

  it("gives work back without the loss of an attempt", async () => {
    const { queue } = await openQueue();
    await queue.submit({ kind: "embed", maxAttempts: 1 });
    expect(await queue.release((await queue.claim(claimAs("w")))!)).toMatchObject({
      ...{ state: "queued", attempt: 1, maxAttempts: 2, worker: null },
    });
    expect(await queue.claim(claimAs("w"))).toMatchObject({ attempt: 2 });
  });

  it("releases all that a worker held which is gone", async () => {
    const { queue } = await openQueue();
    await queue.submitAll([{ kind: "embed" }, { kind: "embed" }, { kind: "embed" }]);
    for (const worker of ["gone", "gone", "here"]) await queue.claim(claimAs(worker));
    expect(await queue.releaseAll("gone")).toBe(2);
    expect(await queue.counts()).toEqual([
      { kind: "embed", state: "queued", count: 2 },
      { kind: "embed", state: "running", count: 1 },
    ]);
    expect(await queue.claim(claimAs("gone"))).toMatchObject({
      attempt: 2,
      error: expect.stringContaining("gone"),
    });
  });

  it("submits with the transaction that asks for it, or not at all", async () => {
    const { queue, db } = await openQueue();
    const failing = db.transaction().execute(async (trx) => {
      await queue.submit({ kind: "embed" }, trx);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await queue.counts()).toEqual([]);
    await db.transaction().execute((trx) => queue.submit({ kind: "embed" }, trx));
    expect(await queue.counts()).toEqual([{ kind: "embed", state: "queued", count: 1 }]);
  });

  it("lists the newest first, page by page, by kind, state and project", async () => {
    const { queue, clock } = await openQueue();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      clock.now += 1;
      ids.push((await queue.submit({ kind: i % 2 ? "export" : "embed", project: i < 3 ? "p" : "q" })).id);
    }
    const names = (items: readonly WorkItem[]) => items.map(({ id }) => ids.indexOf(id));
    const first = await queue.list({ limit: 3 });
    expect(names(first.items)).toEqual([4, 3, 2]);
    const second = await queue.list({ limit: 3, after: first.next! });
    expect(names(second.items)).toEqual([1, 0]);
    expect(second.next).toBeNull();
    expect(names((await queue.list({ kind: "export" })).items)).toEqual([3, 1]);
    expect(names((await queue.list({ project: "p" })).items)).toEqual([2, 1, 0]);
    expect(names((await queue.list({ state: "done" })).items)).toEqual([]);
    await expect(queue.list({ limit: 0 })).rejects.toMatchObject({ code: "invalid" });
  });

  it("removes what was done before a time, and keeps dead items", async () => {
    const { queue, clock } = await openQueue();
    await queue.submitAll([{ kind: "embed" }, { kind: "embed" }, { kind: "embed" }]);
    await queue.finish((await queue.claim(claimAs("w")))!, async () => null);
    await queue.fail((await queue.claim(claimAs("w")))!, { error: "no", retry: false });
    clock.now += 1000;
    await queue.finish((await queue.claim(claimAs("w")))!, async () => null);
    expect(await queue.removeEnded(START + 1000)).toBe(1);
    expect((await queue.list()).items.map(({ state }) => state).sort()).toEqual(["dead", "done"]);
  });

  it("refuses work that can't be", async () => {
    const { queue } = await openQueue();
    const works = [
      { kind: "" },
      { kind: "embed", priority: -1 },
      { kind: "embed", priority: 1001 },
      { kind: "embed", maxAttempts: 0 },
      { kind: "embed", maxAttempts: 1.5 },
    ];
    for (const work of works) await expect(queue.submit(work)).rejects.toMatchObject({ code: "invalid" });
  });
});
