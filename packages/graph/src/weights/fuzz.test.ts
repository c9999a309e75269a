import { expect, test } from "vitest";
import { fuzzCheckpoints } from "../testing/fuzz-checkpoints.js";

test("a thousand damaged checkpoints are each refused with a clear error or open with sound tensors", async () => {
  const { refused, opened } = await fuzzCheckpoints(1000);
  expect(refused + opened).toBe(1000);
  expect(refused).toBeGreaterThan(500);
  expect(opened).toBeGreaterThan(0);
});
