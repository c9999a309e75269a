import { afterEach, expect, test, vi } from "vitest";
import { ServerError } from "../errors.js";
import { DEFAULT_LIMITS, type Limits } from "../options.js";
import { createFakeWorker, type FakeWorker, settle } from "../testing/fake-worker.js";
import { openWorkerPool, PRIORITY, type WorkerPool } from "./worker-pool.js";

const pools: WorkerPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

async function open(count: number, limits: Partial<Limits> = {}) {
  const workers: FakeWorker[] = [];
  const lost: string[] = [];
  const pool = await openWorkerPool(
    {},
    count,
    { ...DEFAULT_LIMITS, ...limits },
    {
      onWorkerLost: (how) => lost.push(how),
      startProcess() {
        const worker = createFakeWorker();
        workers.push(worker);
        return worker;
      },
    },
  );
  pools.push(pool);
  const ask = (name: string, priority: keyof typeof PRIORITY, more = {}) =>
    pool.call("release", { jobId: name }, { priority: () => PRIORITY[priority], ...more });
  return { pool, workers, lost, ask };
}

const namesOf = ({ calls }: FakeWorker) => calls.map(({ input }) => (input as { jobId: string }).jobId);

test("what waits is taken by urgency, then by age", async () => {
  const { workers, ask } = await open(1);
  const names = ["first", "job", "ahead", "click", "encode", "click 2"];
  const kinds = ["job", "job", "ahead", "click", "encode", "click"] as const;
  const answers = names.map((name, i) => ask(name, kinds[i]!));
  for (let i = 0; i < names.length; i++) {
    await settle();
    workers[0]!.calls[i]!.answer(undefined);
    await settle();
  }
  await Promise.all(answers);
  expect(namesOf(workers[0]!)).toEqual(["first", "click", "click 2", "encode", "job", "ahead"]);
});

test("of two workers one stays free for clicks", async () => {
  const { pool, workers, ask } = await open(2);
  for (const name of ["encode", "encode 2"]) ask(name, "encode").catch(() => undefined);
  ask("click", "click").catch(() => undefined);
  await settle();
  expect([...namesOf(workers[0]!), ...namesOf(workers[1]!)].sort()).toEqual(["click", "encode"]);
  expect(pool.load()).toEqual({ clicks: 0, work: 1, running: 2, workers: 2 });
});

test("while everything mode runs on the only worker, it answers clicks one by one, and nothing else", async () => {
  const { pool, workers, ask } = await open(1);
  const segmenting = pool.call("segment", { jobId: "all" } as never, { priority: () => PRIORITY.job });
  const answers = [ask("image", "encode"), ask("click", "click"), ask("click 2", "click")];
  await settle();
  const { calls } = workers[0]!;
  expect(namesOf(workers[0]!)).toEqual(["all", "click"]);
  calls[1]!.answer(undefined);
  await settle();
  expect(namesOf(workers[0]!)).toEqual(["all", "click", "click 2"]);
  calls[0]!.answer({ masks: [] });
  calls[2]!.answer(undefined);
  await segmenting;
  await settle();
  expect(namesOf(workers[0]!)).toEqual(["all", "click", "click 2", "image"]);
  calls[3]!.answer(undefined);
  await Promise.all(answers);
});

test("work ahead that somebody begins to wait for overtakes the rest", async () => {
  const { workers, ask } = await open(1);
  ask("running", "job").catch(() => undefined);
  let wanted = false;
  ask("other", "job").catch(() => undefined);
  const priority = () => (wanted ? PRIORITY.encode : PRIORITY.ahead);
  ask("ahead", "ahead", { priority }).catch(() => undefined);
  wanted = true;
  workers[0]!.calls[0]!.answer(undefined);
  await settle();
  expect(namesOf(workers[0]!)).toEqual(["running", "ahead"]);
});

const a = { client: "a" };
const b = { client: "b" };

test("a full queue refuses clicks with 429 and images with 503, both with a time to come back", async () => {
  const { ask } = await open(1, { maxQueuedClicks: 1, maxQueuedWork: 1 });
  for (const [name, kind] of [...[["running", "job"]], ["click", "click"], ["image", "encode"]] as const)
    ask(name, kind as "job", a).catch(() => undefined);
  await expect(ask("click 2", "click", b)).rejects.toMatchObject({
    code: "too-many-requests",
    retryAfterS: 1,
  });
  await expect(ask("image 2", "encode", b)).rejects.toMatchObject({ code: "overloaded", retryAfterS: 10 });
  await expect(ask("image 2", "ahead", b)).rejects.toMatchObject({ code: "overloaded" });
});

test.each(["click", "encode"] as const)(
  "a client has its share of the %s queue and no more",
  async (kind) => {
    const { ask } = await open(1, { maxQueuedClicksPerClient: 2, maxQueuedWorkPerClient: 2 });
    const taken = ["running", "1", "2"].map((name) => ask(name, kind, a));
    for (const answer of taken) answer.catch(() => undefined);
    await expect(ask("3", kind, a)).rejects.toMatchObject({
      code: "too-many-requests",
      message: expect.stringContaining("2 of your"),
    });
    let isRefused = false;
    ask("other", kind, b).catch(() => {
      isRefused = true;
    });
    await settle();
    expect(isRefused).toBe(false);
  },
);

test("jobs and the server's own calls take nobody's place", async () => {
  const { pool, ask } = await open(1, { maxQueuedClicks: 1, maxQueuedWork: 1 });
  const kinds = ["job", "job", "job", "click", "click", "click"] as const;
  for (const kind of kinds) ask(kind, kind, kind === "job" ? a : {}).catch(() => undefined);
  await settle();
  expect(pool.load()).toMatchObject({ clicks: 3, work: 2 });
});

test.each(["click", "encode", "job"] as const)("of a kind, clients take turns: %s", async (kind) => {
  const { workers, ask } = await open(1);
  const names = ["a1", "a2", "a3", "a4", "b1", "c1", "b2"];
  const answers = names.map((name) => ask(name, kind, { client: name[0] }));
  for (let i = 0; i < names.length; i++) {
    await settle();
    workers[0]!.calls[i]!.answer(undefined);
  }
  await Promise.all(answers);
  expect(namesOf(workers[0]!)).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
});

test("a click that waited too long is turned away", async () => {
  vi.useFakeTimers();
  try {
    const { ask } = await open(1, { maxWaitMs: 1000 });
    ask("running", "job").catch(() => undefined);
    const refused = expect(ask("click", "click")).rejects.toMatchObject({ code: "overloaded" });
    await vi.advanceTimersByTimeAsync(2000);
    await refused;
  } finally {
    vi.useRealTimers();
  }
});

test("a process that ends is replaced, and what needed it is gone", async () => {
  vi.useFakeTimers();
  try {
    const { pool, workers, lost, ask } = await open(1);
    const running = expect(ask("running", "click")).rejects.toMatchObject({ code: "overloaded" });
    const bound = expect(ask("bound", "click", { worker: workers[0] })).rejects.toMatchObject({
      code: "gone",
    });
    workers[0]!.die();
    await Promise.all([running, bound]);
    expect(lost).toEqual(["signal SIGKILL"]);
    expect(pool.load().workers).toBe(0);
    await vi.advanceTimersByTimeAsync(1500);
    expect(pool.load().workers).toBe(1);
    await expect(ask("late", "click", { worker: workers[0] })).rejects.toMatchObject({ code: "gone" });
  } finally {
    vi.useRealTimers();
  }
});

test("what is cancelled while it waits never reaches a worker", async () => {
  const { workers, ask } = await open(1);
  ask("running", "job").catch(() => undefined);
  const controller = new AbortController();
  const waiting = ask("waiting", "job", { signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: "overloaded" });
  workers[0]!.calls[0]!.answer(undefined);
  await settle();
  expect(namesOf(workers[0]!)).toEqual(["running"]);
});

test("a model that can't be opened again is tried ever less often, says why, and refuses what would wait", async () => {
  vi.useFakeTimers();
  let isBroken = false;
  const workers: FakeWorker[] = [];
  const told: [how: string, restartMs: number][] = [];
  const pool = await openWorkerPool({}, 1, DEFAULT_LIMITS, {
    onWorkerLost: (...report) => told.push(report),
    startProcess() {
      const worker = createFakeWorker(async () => {
        if (isBroken) throw new ServerError("internal", "a.pth is gone");
      });
      workers.push(worker);
      return worker;
    },
  });
  try {
    const call = (priority: 0 | 1 | 2) => pool.call("release", { jobId: "a" }, { priority: () => priority });
    isBroken = true;
    workers[0]!.die();
    const waiting = expect(call(PRIORITY.job)).rejects.toMatchObject({ code: "overloaded" });
    await vi.advanceTimersByTimeAsync(1001);
    await waiting;
    expect(pool.load().workers).toBe(0);
    await expect(call(PRIORITY.click)).rejects.toMatchObject({
      code: "overloaded",
      retryAfterS: 1,
      message: expect.stringContaining("can't be reopened"),
    });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(workers.length).toBeLessThan(20);
    expect(told[0]).toEqual(["signal SIGKILL", 1000]);
    expect(told.slice(1, 9).map(([, ms]) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(new Set(told.slice(1).map(([how]) => how))).toEqual(
      new Set(["it can't open the model: a.pth is gone"]),
    );
    isBroken = false;
    await vi.advanceTimersByTimeAsync(60_001);
    expect(pool.load().workers).toBe(1);
    const answer = call(PRIORITY.click);
    await vi.advanceTimersByTimeAsync(0);
    workers.at(-1)!.calls[0]!.answer(undefined);
    await answer;
    workers.at(-1)!.die();
    expect(told.at(-1)).toEqual(["signal SIGKILL", 1000]);
  } finally {
    pool.close();
    const started = workers.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(workers.length, "a closed pool starts nothing").toBe(started);
    vi.useRealTimers();
  }
});

test("a call that is made as another begins comes after it, and each is begun once", async () => {
  const { workers, ask } = await open(1);
  const onBegin = () => {
    ask("made meanwhile", "click", { worker: workers[0] }).catch(() => undefined);
  };
  for (const name of ["first", "second", "third"]) ask(name, "job", { onBegin }).catch(() => undefined);
  for (let i = 0; i < 6; i++) {
    await settle();
    expect(workers[0]!.calls).toHaveLength(i + 1);
    workers[0]!.calls[i]!.answer(undefined);
  }
  expect(namesOf(workers[0]!)).toEqual([
    ...["first", "made meanwhile", "second"],
    ...["made meanwhile", "third", "made meanwhile"],
  ]);
});
