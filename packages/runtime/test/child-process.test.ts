import { spawn } from "node:child_process";
import { once } from "node:events";
import { forkChannel } from "@segany/runtime/processes";
import { afterEach, describe, expect, it } from "vitest";
import { connect, isRunning } from "./toy-client.js";

const clients: ReturnType<typeof connect>[] = [];
const open = () => {
  const client = connect();
  clients.push(client);
  return client;
};
afterEach(() => {
  for (const client of clients.splice(0)) client.end("the test is over");
});

describe("a child process", () => {
  it("answers calls with memory, progress and errors", async () => {
    const client = open();
    const seen: number[] = [];
    const [sum, doubled, counted] = await Promise.all([
      client.call("add", { a: 1, b: 2 }),
      client.call("double", Float32Array.of(0, 1, 2).subarray(1)),
      client.call("count", 3, { onProgress: (n) => seen.push(n) }),
    ]);
    expect([sum, doubled, counted, seen]).toEqual([3, Float32Array.of(2, 4), 3, [1, 2, 3]]);
    await expect(client.call("fail", "no")).rejects.toMatchObject({
      name: "TypeError",
      message: "no",
      code: "ETOY",
      stack: expect.stringContaining("toy-process.mjs"),
    });
  });

  it("refuses what can't be copied, and goes on", async () => {
    const client = open();
    await expect(client.call("add", { a: 1, b: (() => 1) as never })).rejects.toThrow(/clone/);
    expect(await client.call("add", { a: 1, b: 2 })).toBe(3);
  });

  it("may send what is not of the protocol", async () => {
    const client = open();
    expect(await client.call("rave", undefined)).toBe("sane");
    expect(await client.call("add", { a: 1, b: 2 })).toBe(3);
  });
});

describe("the end of a child process fails what is pending with how it ended:", () => {
  it.each([
    ["an exit", "exit", 3, "lost: exit status 3"],
    ["kill -9", "killItself", "SIGKILL", "lost: signal SIGKILL"],
    ["a crash in native code", "killItself", "SIGSEGV", "lost: signal SIGSEGV"],
    ["an error that nobody caught", "throwLater", undefined, "lost: exit status 1"],
  ] as const)("%s", async (_, method, request, message) => {
    const client = open();
    const waiting = expect(client.call("wait", undefined)).rejects.toThrow(message);
    await expect(client.call(method as "exit", request as never)).rejects.toThrow(message);
    await waiting;
    await expect(client.call("add", { a: 1, b: 2 })).rejects.toThrow(message);
  });

  it("a channel that it has closed, which ends the process", async () => {
    const client = open();
    const pid = await client.call("pid", undefined);
    await expect(client.call("closeChannel", undefined)).rejects.toThrow("lost: its channel was closed");
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it("an entry that is not there", async () => {
    const client = connect(forkChannel(new URL("./no-such-file.mjs", import.meta.url)));
    await expect(client.call("add", { a: 1, b: 2 })).rejects.toThrow("lost: exit status 1");
  });

  it("and its last answers are heard, though this process was busy", async () => {
    for (let round = 0; round < 5; round++) {
      const client = open();
      await client.call("add", { a: 1, b: 2 });
      const words = client.call("lastWords", "farewell");
      const until = performance.now() + 300;
      while (performance.now() < until); // both the answer and the end arrive meanwhile
      expect(await words).toBe("farewell");
    }
  });
});

describe("a child process that hangs", () => {
  it("is ended when the only call is cancelled", async () => {
    const client = open();
    const pid = await client.call("pid", undefined);
    const stop = new AbortController();
    const hanging = client.call("hang", undefined, { signal: stop.signal });
    stop.abort();
    await expect(hanging).rejects.toThrow("aborted");
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(client.ended).toBe("cancelled work did not stop");
  });

  it("is ended by `end`", async () => {
    const client = open();
    const pid = await client.call("pid", undefined);
    const hanging = expect(client.call("hang", undefined)).rejects.toThrow("lost: enough");
    client.end("enough");
    await hanging;
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

describe("this process", () => {
  it.each([
    ["ends by itself while the child is idle", "idle", 0],
    ["waits for answers", "count", 0],
    ["takes the child with it when it exits, though that hangs", "exit", 7],
  ])("%s", async (_, how, status) => {
    const { pid, exited } = await startParent(how);
    expect(await exited).toBe(status);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it("takes the child with it when it is killed", async () => {
    const { parent, pid, exited } = await startParent("wait");
    parent.kill("SIGKILL");
    await exited;
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

/** Runs toy-parent.mjs, which prints the child's pid first. */
async function startParent(how: string) {
  const parent = spawn(process.execPath, [new URL("./toy-parent.mjs", import.meta.url).pathname, how], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(parent, "exit").then(([status]) => status as number | null);
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  return { parent, pid: Number(line.toString()), exited };
}
