import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventQueue } from "./event-queue.js";

const SLICE_BYTES = 64 * 1024;
const textOf = (parts: readonly (Buffer | string)[]) => parts.map(String).join("");
const take = (queue: ReturnType<typeof createEventQueue>) => textOf(queue.take());

test("events are taken in order, each with the next id", () => {
  const queue = createEventQueue(7);
  queue.put("status", Buffer.from("1"));
  queue.put("job", Buffer.from("2"));
  expect([take(queue), take(queue)]).toEqual([
    "id: 8\nevent: status\ndata: 1\n\n",
    "id: 9\nevent: job\ndata: 2\n\n",
  ]);
  expect([queue.isEmpty, queue.take()]).toEqual([true, []]);
});

test("a newer event of a name replaces the one that waits, goes last, and uses up no id", () => {
  const queue = createEventQueue(0);
  for (const [event, body] of ["status old", "job only", "status new"].map((text) => text.split(" ")))
    queue.put(event!, Buffer.from(body!));
  expect([...queue.waiting()].map(String)).toEqual(["only", "new"]);
  expect([take(queue), take(queue)]).toEqual([
    "id: 1\nevent: job\ndata: only\n\n",
    "id: 2\nevent: status\ndata: new\n\n",
  ]);
});

test("an event of which a part was taken is taken to its end, also when a newer one comes", () => {
  const queue = createEventQueue(0);
  const long = Buffer.alloc(SLICE_BYTES + 1, "a");
  queue.put("status", long);
  expect(take(queue)).toBe(`id: 1\nevent: status\ndata: ${"a".repeat(SLICE_BYTES)}`);
  queue.put("status", Buffer.from("b"));
  expect([...queue.waiting()]).toEqual([long, Buffer.from("b")]);
  expect([take(queue), take(queue)]).toEqual(["a\n\n", "id: 2\nevent: status\ndata: b\n\n"]);
});

test("slices of any event give the whole, and copy nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 * SLICE_BYTES }), (length) => {
      const queue = createEventQueue(0);
      const body = Buffer.alloc(length, "x");
      queue.put("e", body);
      const parts: (Buffer | string)[] = [];
      while (!queue.isEmpty) parts.push(...queue.take());
      expect(textOf(parts)).toBe(`id: 1\nevent: e\ndata: ${body}\n\n`);
      for (const part of parts) if (Buffer.isBuffer(part)) expect(part.buffer).toBe(body.buffer);
    }),
    { numRuns: 20 },
  );
});
