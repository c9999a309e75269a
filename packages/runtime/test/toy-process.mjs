/** A child process for tests: answers calls, and ends or breaks in every way. */
import { serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";

const until = (condition) => {
  while (!condition());
};

serve(parentChannel(), {
  add: async ({ a, b }) => a + b,
  double: async (values) => values.map((value) => 2 * value),
  count: async (to, { onProgress }) => {
    for (let i = 1; i <= to; i++) onProgress(i);
    return to;
  },
  pid: async () => process.pid,
  fail: async (message) => {
    throw Object.assign(new TypeError(message), { code: "ETOY" });
  },
  hang: async () => until(() => false),
  wait: () => new Promise(() => undefined),
  exit: async (status) => process.exit(status),
  killItself: async (signal) => {
    process.kill(process.pid, signal);
    await new Promise(() => undefined);
  },
  /** Answers and is gone. */
  lastWords: async (words) => {
    setImmediate(() => process.kill(process.pid, "SIGKILL"));
    return words;
  },
  /** Lives on, but can't be spoken to. */
  closeChannel: async () => {
    process.removeAllListeners("disconnect");
    process.disconnect();
    setInterval(() => undefined, 1000);
  },
  rave: async () => {
    for (const garbage of ["ready", 7, [], { kind: "reply", id: "no" }, { id: 0 }]) process.send(garbage);
    return "sane";
  },
  throwLater: async () => {
    setImmediate(() => {
      throw new Error("nobody caught this");
    });
    await new Promise(() => undefined);
  },
});
