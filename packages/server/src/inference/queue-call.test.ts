import { expect, test } from "vitest";
import { ServerError } from "../errors.js";
import { createFakeWorker } from "../testing/fake-worker.js";
import { queueCall } from "./queue-call.js";
import { PRIORITY, type Task } from "./task-queue.js";

function setUp() {
  const tasks: Task[] = [];
  const queue = {
    add: (task: Task) => void tasks.push(task),
    refuse: (matches: (task: Task) => boolean, error: ServerError) =>
      tasks.filter(matches).forEach((task) => {
        task.refuse(error);
      }),
  };
  const controller = new AbortController();
  const wish = {
    priority: () => PRIORITY.click,
    client: "a",
    worker: undefined,
    pauses: false,
    signal: controller.signal,
  };
  return { tasks, queue, controller, wish };
}
const cancelled = expect.objectContaining({ code: "overloaded" });

test("a call runs on the worker that is chosen for it, and a signal is then the call's own matter", async () => {
  const { tasks, queue, controller, wish } = setUp();
  const worker = createFakeWorker();
  const reply = queueCall(queue, wish, async (chosen) => {
    controller.abort();
    return chosen === worker ? "done" : "elsewhere";
  });
  expect(tasks).toMatchObject([{ client: "a" }]);
  await tasks[0]!.run(worker);
  expect(await reply).toBe("done");
});

test("a call whose signal fires in the queue is refused, and no other", async () => {
  const { tasks, queue, controller, wish } = setUp();
  const first = expect(queueCall(queue, wish, async () => "first")).rejects.toThrow(cancelled);
  const second = queueCall(queue, { ...wish, signal: undefined }, async () => "second");
  controller.abort();
  await first;
  await tasks[1]!.run(createFakeWorker());
  expect(await second).toBe("second");
});

test("a call whose signal has fired is not queued", async () => {
  const { tasks, queue, controller, wish } = setUp();
  controller.abort();
  await expect(queueCall(queue, wish, async () => "never")).rejects.toThrow(cancelled);
  expect(tasks).toEqual([]);
});

test("a call's own error is the reply, and the work counts as done", async () => {
  const { tasks, queue, wish } = setUp();
  const failed = queueCall(queue, wish, () => Promise.reject(new ServerError("gone", "ended")));
  const expected = expect(failed).rejects.toMatchObject({ code: "gone" });
  await tasks[0]!.run(createFakeWorker());
  await expected;
});
