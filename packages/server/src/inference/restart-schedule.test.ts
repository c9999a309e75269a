import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRestartSchedule } from "./restart-schedule.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a process is replaced after a second, and later with each failure to open the model, up to a minute", () => {
  const { plan } = createRestartSchedule();
  const delays = (...failures: number[]) => failures.map((count) => plan(count, false, () => undefined));
  expect(delays(0, 1, 2, 3, 6)).toEqual([1000, 1000, 2000, 4000, 32_000]);
  expect(delays(7, 8, 1000)).toEqual([60_000, 60_000, 60_000]);
});

test("the start comes after the delay, not before", () => {
  const start = vi.fn<() => void>();
  createRestartSchedule().plan(2, false, start);
  vi.advanceTimersByTime(1999);
  expect(start).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(start).toHaveBeenCalledTimes(1);
});

test("the time of the next attempt is told only while no process has the model", () => {
  const schedule = createRestartSchedule();
  schedule.plan(0, false, () => undefined);
  expect(schedule.retryInMs()).toBeUndefined();
  schedule.plan(3, true, () => undefined);
  vi.advanceTimersByTime(1500);
  expect(schedule.retryInMs()).toBeCloseTo(2500, 0);
  schedule.succeeded();
  expect(schedule.retryInMs()).toBeUndefined();
});
