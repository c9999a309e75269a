import { expect, test } from "vitest";
import { createFakeWorker } from "../testing/fake-worker.js";
import { chooseWorker } from "./choose-worker.js";
import { PRIORITY, type Priority } from "./task-queue.js";

const [a, b, c] = [createFakeWorker(), createFakeWorker(), createFakeWorker()] as const;
const task = (priority: Priority, worker?: typeof a) => ({ priority: () => priority, worker });
const { click, encode, job, ahead } = PRIORITY;

test("the last idle worker of several is for clicks, and a single one is for all", () => {
  const one = { idle: new Set([a]), all: new Set([a]) };
  const lastOfTwo = { idle: new Set([b]), all: new Set([a, b]) };
  const two = { idle: new Set([b, a]), all: new Set([a, b]) };
  for (const priority of [click, encode, job, ahead]) {
    expect(chooseWorker(task(priority), one)).toBe(a);
    expect(chooseWorker(task(priority), lastOfTwo)).toBe(priority === click ? b : undefined);
    expect(chooseWorker(task(priority), two)).toBe(b);
  }
});

test("a task for one worker takes no other, and takes that one even if it is the last", () => {
  const workers = { idle: new Set([b]), all: new Set([a, b, c]) };
  expect(chooseWorker(task(job, b), workers)).toBe(b);
  expect(chooseWorker(task(job, a), workers)).toBeUndefined();
  expect(chooseWorker(task(click, c), workers)).toBeUndefined();
});

test("nothing is chosen while all are busy", () => {
  const workers = { idle: new Set<typeof a>(), all: new Set([a]) };
  expect(chooseWorker(task(click), workers)).toBeUndefined();
});
