import { expect, it, vi } from "vitest";
import { createPendingCalls } from "./pending-calls.js";
import { toPlainError } from "./plain-error.js";
import { createReceiver } from "./receiver.js";

function setUp(onProgress?: (progress: number) => void) {
  const calls = createPendingCalls(() => undefined);
  const told = {
    onNotice: vi.fn<(notice: unknown) => void>(),
    onCallbackError: vi.fn<(id: number, error: unknown) => void>(),
    onSettled: vi.fn<() => void>(),
  };
  const [resolve, reject] = [vi.fn<(reply: unknown) => void>(), vi.fn<(error: unknown) => void>()];
  const id = calls.add(() => ({ resolve, reject, onProgress, unwatch: () => undefined }));
  const receive = createReceiver(calls, { errorClasses: undefined, ...told });
  return { receive, id, resolve, reject, ...told };
}

it("settles a call with its reply or its error, once", () => {
  const { receive, id, resolve, reject, onSettled } = setUp();
  receive({ kind: "reply", id, reply: undefined });
  receive({ kind: "error", id, error: toPlainError(new Error("late")) });
  expect(resolve.mock.calls).toEqual([[undefined]]);
  expect(reject).not.toHaveBeenCalled();
  expect(onSettled).toHaveBeenCalledTimes(2);

  const other = setUp();
  other.receive({ kind: "error", id: other.id, error: toPlainError(new RangeError("too far")) });
  expect(other.reject.mock.calls).toEqual([
    [expect.objectContaining({ name: "RangeError", message: "too far" })],
  ]);
});

it("reports a progress callback that throws, with the call that it is of", () => {
  const failure = new Error("the callback is broken");
  const { receive, id, onCallbackError, onSettled } = setUp(() => {
    throw failure;
  });
  receive({ kind: "progress", id, progress: 1 });
  expect(onCallbackError.mock.calls).toEqual([[id, failure]]);
  expect(onSettled).not.toHaveBeenCalled();
});

it("passes notices on, and ignores progress of nobody and messages of others", () => {
  const onProgress = vi.fn<(progress: number) => void>();
  const { receive, id, onNotice, onSettled } = setUp(onProgress);
  receive({ kind: "notice", notice: "a note" });
  for (const foreign of [null, "text", 7, { kind: "reply" }, { id }, { kind: "call", id, method: "add" }])
    receive(foreign);
  receive({ kind: "progress", id: id + 1, progress: 1 });
  receive({ kind: "progress", id, progress: 2 });
  expect(onNotice.mock.calls).toEqual([["a note"]]);
  expect(onProgress.mock.calls).toEqual([[2]]);
  expect(onSettled).not.toHaveBeenCalled();
});
