import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPendingCalls } from "./pending-calls.js";
import { createSender } from "./sender.js";

const GRACE_MS = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(send = vi.fn<(message: unknown) => void>()) {
  const calls = createPendingCalls(() => undefined);
  const onAbandoned = vi.fn<() => void>();
  const aborted = () => new Error("aborted");
  const sender = createSender({ send }, calls, { aborted, graceMs: GRACE_MS, onAbandoned });
  const controller = new AbortController();
  const call = () => sender.call<string>("hold", "a", { signal: controller.signal });
  return { sender, calls, send, onAbandoned, controller, call };
}

it("asks the other side to stop, and waits for its answer that long", async () => {
  const { calls, send, onAbandoned, controller, call } = setUp();
  const reply = call();
  expect(send).toHaveBeenLastCalledWith({ kind: "call", id: 0, method: "hold", request: "a" }, undefined);
  controller.abort();
  expect(send).toHaveBeenLastCalledWith({ kind: "cancel", id: 0 }, undefined);
  await vi.advanceTimersByTimeAsync(GRACE_MS - 1);
  calls.take(0)!.resolve("in time");
  expect(await reply).toBe("in time");
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  expect(onAbandoned).not.toHaveBeenCalled();
});

it("abandons a call that does not stop when asked", async () => {
  const { calls, onAbandoned, controller, call } = setUp();
  const reply = expect(call()).rejects.toThrow("aborted");
  controller.abort();
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  await reply;
  expect(onAbandoned).toHaveBeenCalledTimes(1);
  expect(calls.areAbandoned()).toBe(true);
});

it("abandons a call at once when told to cancel it", async () => {
  const { sender, send, onAbandoned, call } = setUp();
  const reply = expect(call()).rejects.toThrow("the callback is broken");
  sender.cancel(0, new Error("the callback is broken"));
  await reply;
  expect(send).toHaveBeenLastCalledWith({ kind: "cancel", id: 0 }, undefined);
  expect(onAbandoned).toHaveBeenCalledTimes(1);
});

it("sends nothing for a signal that has fired, and leaves nothing under way of what can't be sent", async () => {
  const { send, controller, call } = setUp();
  controller.abort();
  await expect(call()).rejects.toThrow("aborted");
  expect(send).not.toHaveBeenCalled();

  const broken = setUp(
    vi.fn(() => {
      throw new TypeError("can't be copied");
    }),
  );
  await expect(broken.call()).rejects.toThrow("can't be copied");
  await broken.calls.whenIdle();
  broken.controller.abort(); // nobody listens any more
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  expect(broken.send).toHaveBeenCalledTimes(1);
});
