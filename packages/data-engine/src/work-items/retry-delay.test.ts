import { expect, it } from "vitest";
import { retryDelayMs } from "./retry-delay.js";

it("waits twice as long after each attempt, and never more than ten minutes", () => {
  expect([1, 2, 3, 7, 8, 1000].map(retryDelayMs)).toEqual([5000, 10_000, 20_000, 320_000, 600_000, 600_000]);
});
