import { expect, test } from "vitest";
import { createPastTimes } from "./past-times.js";

test("the median of the latest times is expected, and nothing before the first", () => {
  const times = createPastTimes();
  expect(times.median()).toBeNull();
  for (const timeMs of [10, 1000, 9]) times.add(timeMs);
  expect(times.median()).toBe(10);
  for (let i = 0; i < 31; i++) times.add(20);
  expect(times.median()).toBe(20);
  for (let i = 0; i < 16; i++) times.add(5);
  expect(times.median()).toBe(20); // half of the latest 32 took 20: the upper of the two in the middle
  times.add(5);
  expect(times.median()).toBe(5);
});
