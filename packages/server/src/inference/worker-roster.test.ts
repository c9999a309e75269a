import { expect, test } from "vitest";
import { createFakeWorker } from "../testing/fake-worker.js";
import { createWorkerRoster } from "./worker-roster.js";

function setUp() {
  const roster = createWorkerRoster();
  const [a, b] = [createFakeWorker(), createFakeWorker()] as const;
  const sizes = () => [roster.all.size, roster.opened.size, roster.idle.size];
  return { roster, a, b, sizes };
}

test("a worker opens the model, is idle, is busy, and is idle again", () => {
  const { roster, a, sizes } = setUp();
  roster.add(a);
  expect(sizes()).toEqual([1, 0, 0]);
  roster.open(a);
  expect(sizes()).toEqual([1, 1, 1]);
  roster.occupy(a, false);
  expect(sizes()).toEqual([1, 1, 0]);
  roster.free(a);
  expect(sizes()).toEqual([1, 1, 1]);
});

test("a worker that ended while it was busy is not idle afterwards", () => {
  const { roster, a, sizes } = setUp();
  roster.add(a);
  roster.open(a);
  roster.occupy(a, false);
  expect(roster.remove(a)).toBe(true);
  roster.free(a);
  expect(sizes()).toEqual([0, 0, 0]);
});

test("one that ended before it had the model is told from one that had it", () => {
  const { roster, a, b, sizes } = setUp();
  for (const worker of [a, b]) roster.add(worker);
  roster.open(b);
  expect([roster.remove(a), roster.remove(b), roster.remove(b)]).toEqual([false, true, false]);
  expect(sizes()).toEqual([0, 0, 0]);
});

test("a worker that pauses answers one click at a time, until its work is done or it has ended", () => {
  const { roster, a, b } = setUp();
  for (const worker of [a, b]) {
    roster.add(worker);
    roster.open(worker);
    roster.occupy(worker, worker === a);
  }
  expect([...roster.pausing]).toEqual([a]);
  const leave = roster.visit(a);
  expect([...roster.pausing]).toEqual([]);
  leave();
  expect([...roster.pausing]).toEqual([a]);
  const leaveLate = roster.visit(a);
  roster.endPauses(a);
  leaveLate();
  expect([...roster.pausing]).toEqual([]);
  roster.free(a);
  roster.occupy(a, true);
  const leaveDead = roster.visit(a);
  roster.remove(a);
  leaveDead();
  expect([...roster.pausing, ...roster.idle]).toEqual([]);
});
