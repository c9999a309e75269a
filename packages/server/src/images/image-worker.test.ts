import { afterEach, expect, test, vi } from "vitest";
import { ServerError, WorkerLostError } from "../errors.js";
import { settle } from "../testing/fake-worker.js";
import type { ImageProcess } from "./image-process.js";
import { type ImageWorkerOptions, openImageWorker } from "./image-worker.js";

interface FakeProcess extends ImageProcess {
  readonly calls: { readonly path: string }[];
  answer(result?: unknown, memoryBytes?: number): Promise<void>;
  fail(error: Error): Promise<void>;
  die(): Promise<void>;
}

function fakeProcess(): FakeProcess {
  let resolve: (result: never) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const calls: { readonly path: string }[] = [];
  const fake = {
    ended: undefined as string | undefined,
    memoryBytes: 0,
    calls,
    end(how: string) {
      fake.ended ??= how;
      reject(new WorkerLostError(fake.ended));
    },
    call: (_method: string, request: { readonly path: string }) => {
      calls.push(request);
      return new Promise<never>((...settled) => {
        [resolve, reject] = settled;
      });
    },
    answer(result?: unknown, memoryBytes = 1) {
      fake.memoryBytes = memoryBytes;
      resolve(result as never);
      return settle();
    },
    fail(error: Error) {
      reject(error);
      return settle();
    },
    die() {
      fake.end("signal SIGKILL");
      return settle();
    },
  };
  return fake;
}

function open(options: Partial<ImageWorkerOptions> = {}) {
  const started: FakeProcess[] = [];
  const lost: string[] = [];
  const worker = openImageWorker({
    maxPixels: 100,
    processes: 1,
    onProcessLost: (how) => lost.push(how),
    startProcess() {
      started.push(fakeProcess());
      return started.at(-1)!;
    },
    ...options,
  });
  return { worker, started, lost };
}

const pathsOf = ({ calls }: FakeProcess) => calls.map(({ path }) => path);

afterEach(() => void vi.useRealTimers());

test("no process is started before there is an image, and no more than are allowed", async () => {
  const { worker, started } = open({ processes: 2 });
  expect(started).toHaveLength(0);
  const rendered = ["a", "b", "c", "d"].map((path) => worker.inspect(path, "out"));
  await settle();
  expect(started.map(pathsOf)).toEqual([["a"], ["b"]]);
  expect(worker.load()).toEqual({ waiting: 2, running: 2 });
  await started[1]!.answer();
  await started[1]!.answer();
  await started[0]!.answer();
  await started[1]!.answer();
  await Promise.all(rendered);
  expect(started.map(pathsOf)).toEqual([["a"], ["b", "c", "d"]]);
});

test("uploads go before what is shown, and the last of the processes is for them", async () => {
  const { worker, started } = open({ processes: 2 });
  const shown = ["a", "b"].map((path) => worker.render(path, "out"));
  const cut = worker.cutOut("c", "out", { segmentation: { size: [1, 1], counts: "1" }, paddingPx: 0 });
  await settle();
  expect(started.map(pathsOf)).toEqual([["a"]]);
  const uploaded = ["d", "e"].map((path) => worker.inspect(path, "out"));
  await settle();
  expect(started.map(pathsOf)).toEqual([["a"], ["d"]]);
  await started[0]!.answer();
  await started[1]!.answer();
  expect(started.map(pathsOf)).toEqual([["a", "e"], ["d"]]);
  await started[0]!.answer();
  for (let i = 0; i < 2; i++) for (const process of started) await process.answer();
  await Promise.all([...shown, cut, ...uploaded]);
  expect(started.flatMap(pathsOf).sort()).toEqual(["a", "b", "c", "d", "e"]);
});

test("an error of the image is the caller's, and the process goes on", async () => {
  const { worker, started, lost } = open();
  const refused = expect(worker.inspect("a", "t")).rejects.toMatchObject({ code: "image-unreadable" });
  await settle();
  await started[0]!.fail(new ServerError("image-unreadable", "bad"));
  await refused;
  const inspected = worker.inspect("b", "t");
  await settle();
  const result = { width: 3, height: 2, mediaType: "image/png" } as const;
  await started[0]!.answer(result);
  expect(await inspected).toEqual(result);
  expect(started).toHaveLength(1);
  expect(lost).toEqual([]);
});

test("an image whose process is killed gets another, once", async () => {
  const { worker, started, lost } = open();
  const rendered = worker.render("a", "out");
  await settle();
  await started[0]!.die();
  await started[1]!.answer();
  await rendered;
  const crashed = expect(worker.render("b", "out")).rejects.toMatchObject({
    code: "image-unreadable",
    message: expect.stringContaining("signal SIGKILL"),
  });
  await settle();
  await started[1]!.die();
  await started[2]!.die();
  await crashed;
  expect(lost).toHaveLength(3);
  const next = worker.render("c", "out");
  await settle();
  await started[3]!.answer();
  await next;
});

test("a process that ended while it had nothing to do costs no image its second try", async () => {
  const { worker, started, lost } = open();
  const first = worker.render("a", "out");
  await settle();
  await started[0]!.answer();
  await first;
  await started[0]!.die();
  const second = worker.render("b", "out");
  await settle();
  await started[1]!.answer();
  await second;
  expect(lost).toEqual([]);
});

test("an image whose process is killed is tried again in a new one", async () => {
  const { worker, started } = open({ processes: 2 });
  const both = ["a", "b"].map((path) => worker.inspect(path, "t"));
  await settle();
  for (const process of started) await process.answer();
  await Promise.all(both);
  const third = worker.inspect("c", "t");
  await settle();
  const used = started.find((process) => pathsOf(process).includes("c"))!;
  await used.die();
  expect(started.slice(0, 2).every(({ ended }) => ended !== undefined)).toBe(true);
  await started[2]!.answer();
  await third;
});

test("a process that keeps much memory is replaced before the next image", async () => {
  const { worker, started } = open();
  const first = worker.render("a", "out");
  await settle();
  await started[0]!.answer(undefined, 2 ** 30);
  await first;
  expect(started[0]!.ended).toBeDefined();
  const second = worker.render("b", "out");
  await settle();
  await started[1]!.answer();
  await second;
});

test("an image that takes too long ends its process and is refused", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { worker, started } = open({ timeLimitMs: 5000 });
  const slow = expect(worker.render("a", "out")).rejects.toMatchObject({
    code: "image-unreadable",
    message: expect.stringContaining("5 s"),
  });
  await settle();
  await vi.advanceTimersByTimeAsync(5000);
  await slow;
  expect(started[0]!.ended).toBeDefined();
  expect(worker.load()).toEqual({ waiting: 0, running: 0 });
});

test("a client has its share of the queue, clients take turns, and uploads always have room", async () => {
  const { worker, started } = open({ maxQueued: 4, maxQueuedPerClient: 3 });
  const render = (path: string) => worker.render(path, "out", { client: path[0] });
  const done = ["a1", "a2", "a3", "a4", "b1"].map(render);
  await expect(render("a5")).rejects.toMatchObject({ code: "too-many-requests", retryAfterS: 5 });
  await expect(render("c1")).rejects.toMatchObject({ code: "overloaded" });
  const inspected = worker.inspect("upload", "thumbnail");
  await settle();
  for (let i = 0; i < 6; i++) await started[0]!.answer();
  await Promise.all([...done, inspected]);
  expect(started[0]!.calls.map(({ path }) => path)).toEqual(["a1", "upload", "b1", "a2", "a3", "a4"]);
});

test("a full queue refuses, and closing refuses all that wait", async () => {
  const { worker, started } = open({ maxQueued: 1 });
  const stopped = ["a", "b"].map((path) =>
    expect(worker.render(path, "out")).rejects.toMatchObject({ code: "stopping" }),
  );
  await expect(worker.render("c", "out")).rejects.toMatchObject({ code: "overloaded", retryAfterS: 5 });
  await settle();
  worker.close();
  await Promise.all(stopped);
  expect(started[0]!.ended).toBeDefined();
  await expect(worker.render("d", "out")).rejects.toMatchObject({ code: "stopping" });
});
