import { expect, test } from "vitest";
import { createFakeWorker } from "../testing/fake-worker.js";
import { chooseWorker } from "./choose-worker.js";
import { PRIORITY, type Priority } from "./task-queue.js";

const [a, b, c] = [createFakeWorker(), createFakeWorker(), createFakeWorker()] as const;
const task = (priority: Priority, worker?: typeof a) => ({ priority: () => priority, worker });
const { click, encode, job, ahead } = PRIORITY;
const pausing = new Set<typeof a>();

test("the last idle worker of several is for clicks, and a single one is for all", () => {
  const one = { idle: new Set([a]), all: new Set([a]), pausing };
  const lastOfTwo = { idle: new Set([b]), all: new Set([a, b]), pausing };
  const two = { idle: new Set([b, a]), all: new Set([a, b]), pausing };
  for (const priority of [click, encode, job, ahead]) {
    expect(chooseWorker(task(priority), one)).toBe(a);
    expect(chooseWorker(task(priority), lastOfTwo)).toBe(priority === click ? b : undefined);
    expect(chooseWorker(task(priority), two)).toBe(b);
  }
});

test("a task for one worker takes no other, and takes that one even if it is the last", () => {
  const workers = { idle: new Set([b]), all: new Set([a, b, c]), pausing };
  expect(chooseWorker(task(job, b), workers)).toBe(b);
  expect(chooseWorker(task(job, a), workers)).toBeUndefined();
  expect(chooseWorker(task(click, c), workers)).toBeUndefined();
});

test("nothing is chosen while all are busy", () => {
  const workers = { idle: new Set<typeof a>(), all: new Set([a]), pausing };
  expect(chooseWorker(task(click), workers)).toBeUndefined();
});

test("a click is given to a worker that pauses where none is idle, and nothing else is", () => {
  const busy = { idle: new Set<typeof a>(), all: new Set([a, b]), pausing: new Set([b]) };
  expect(chooseWorker(task(click), busy)).toBe(b);
  expect(chooseWorker(task(click, b), busy)).toBe(b);
  expect(chooseWorker(task(click, a), busy)).toBeUndefined();
  for (const priority of [encode, job, ahead]) {
    expect(chooseWorker(task(priority), busy)).toBeUndefined();
    expect(chooseWorker(task(priority, b), busy)).toBeUndefined();
  }
  expect(chooseWorker(task(click), { ...busy, idle: new Set([a]) })).toBe(a);
});
