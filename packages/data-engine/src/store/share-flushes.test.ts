import { expect, it } from "vitest";
import { shareFlushes } from "./share-flushes.js";

/** A flush that ends when it is told to. */
function heldFlush() {
  const running: { end: () => void; fail: (error: Error) => void }[] = [];
  const flush = shareFlushes(
    () => new Promise<void>((resolve, reject) => void running.push({ end: resolve, fail: reject })),
  );
  return { running, flush };
}

/** Lets everything run that does not wait for a flush. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it("is shared by who asks before it begins, and not by who asks later", async () => {
  const { running, flush } = heldFlush();
  const ended: string[] = [];
  const ask = (name: string) => flush().then(() => ended.push(name));
  const asked = [ask("a"), ask("b")];
  await settle();
  expect(running).toHaveLength(1);
  asked.push(ask("c"), ask("d"));
  await settle();
  expect(running).toHaveLength(1);
  running[0]!.end();
  await settle();
  expect(ended).toEqual(["a", "b"]);
  expect(running).toHaveLength(2);
  running[1]!.end();
  await Promise.all(asked);
  expect(ended).toEqual(["a", "b", "c", "d"]);
});

it("fails for good", async () => {
  const { running, flush } = heldFlush();
  const first = flush();
  await settle();
  const second = flush();
  running[0]!.fail(new Error("no disk"));
  await expect(first).rejects.toThrow("no disk");
  await expect(second).rejects.toThrow("no disk");
  await expect(flush()).rejects.toThrow("no disk");
  expect(running).toHaveLength(1);
});
