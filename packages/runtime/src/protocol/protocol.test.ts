import { afterEach, describe, expect, it, vi } from "vitest";
import { type ChannelPair, channelPair } from "../testing/channel-pair.js";
import { type Client, type ClientOptions, createClient } from "./client.js";
import type { Method } from "./methods.js";
import { type Handlers, type ServeOptions, type Serving, serve } from "./serve.js";

interface Toy {
  readonly add: Method<{ readonly a: number; readonly b: number }, number>;
  readonly count: Method<number, number, number>;
  readonly double: Method<Float32Array, Float32Array>;
  readonly fail: Method<string, void>;
  /** Ends when the test lets it. */
  readonly hold: Method<string, string>;
}

class ToyError extends Error {
  override readonly name = "ToyError";
  readonly code: string;
  constructor(code: string, message: string, options: ErrorOptions & { readonly retryAfterS?: number } = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterS = options.retryAfterS;
  }
  readonly retryAfterS: number | undefined;
}

interface Held {
  readonly name: string;
  readonly signal: AbortSignal;
  end(): void;
}

interface Setup {
  readonly pair: ChannelPair;
  readonly client: Client<Toy>;
  readonly serving: Serving;
  readonly held: Held[];
}

const GRACE_MS = 1000;

function open(options: Partial<ClientOptions> = {}, serveOptions: ServeOptions = {}): Setup {
  const pair = channelPair();
  const held: Held[] = [];
  const handlers: Handlers<Toy> = {
    add: async ({ a, b }) => a + b,
    async count(to, { onProgress }) {
      for (let i = 1; i <= to; i++) onProgress(i);
      return to;
    },
    async double(values, { transfer }) {
      const doubled = values.map((value) => 2 * value);
      transfer(doubled.buffer);
      return doubled;
    },
    async fail(message) {
      throw new ToyError("toy-broken", message, { retryAfterS: 3, cause: new RangeError("too far") });
    },
    hold: (name, { signal }) =>
      new Promise((resolve, reject) => {
        held.push({ name, signal, end: () => resolve(name) });
        if (name === "cooperative")
          signal.addEventListener("abort", () => reject(new ToyError("stopped", "")));
      }),
  };
  const client = createClient<Toy>(pair.client, {
    errorClasses: { ToyError },
    aborted: ({ reason }) => new ToyError("aborted", "aborted", { cause: reason }),
    lost: (how) => new ToyError("lost", how),
    graceMs: GRACE_MS,
    ...options,
  });
  return { pair, client, serving: serve<Toy>(pair.server, handlers, serveOptions), held };
}

/** Lets messages arrive and promises be heard of. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => void vi.useRealTimers());

describe("a call", () => {
  it("is answered, also when others overlap", async () => {
    const { client, held } = open();
    const slow = client.call("hold", "slow");
    expect(await client.call("add", { a: 1, b: 2 })).toBe(3);
    held[0]!.end();
    expect(await slow).toBe("slow");
  });

  it("tells progress in order, and nothing after its answer", async () => {
    const { client } = open();
    const seen: number[] = [];
    expect(await client.call("count", 3, { onProgress: (n) => seen.push(n) })).toBe(3);
    expect(seen).toEqual([1, 2, 3]);
  });

  it("moves memory that is named, in both directions, and copies the rest", async () => {
    const { client } = open();
    const moved = Float32Array.of(1, 2);
    const copied = Float32Array.of(3);
    expect(await client.call("double", moved, { transfer: [moved.buffer] })).toEqual(Float32Array.of(2, 4));
    expect(moved.byteLength).toBe(0);
    expect(await client.call("double", copied)).toEqual(Float32Array.of(6));
    expect(copied.byteLength).toBe(4);
  });

  it("fails when its progress can't be taken, and is cancelled there", async () => {
    const { client, held, pair } = open();
    const broken = new Error("the listener broke");
    const call = client.call("count", 3, {
      onProgress: () => {
        throw broken;
      },
    });
    await expect(call).rejects.toBe(broken);
    expect(pair.sent).toContainEqual({ kind: "cancel", id: 0 });
    expect(await client.call("add", { a: 1, b: 1 })).toBe(2);
    expect(held).toEqual([]);
  });

  it("with something that can't be copied fails and leaves nothing behind", async () => {
    const { client, pair } = open();
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    await expect(client.call("add", { a: 1, b: (() => 2) as never }, { signal })).rejects.toThrow(/clone/);
    expect(pair.busy).toEqual([true, false]);
    expect(remove).toHaveBeenCalledOnce();
    expect(await client.call("add", { a: 1, b: 2 })).toBe(3);
  });

  it("whose answer can't be copied fails", async () => {
    const { pair, client } = open();
    serve<Pick<Toy, "add">>(pair.server, { add: async () => (() => 1) as never });
    await expect(client.call("add", { a: 1, b: 2 })).rejects.toThrow(/clone/);
  });

  it("of a method that is not there fails", async () => {
    const { client } = open();
    for (const name of ["subtract", "toString", "__proto__"])
      await expect(client.call(name as never, {} as never)).rejects.toThrow(`There is no method "${name}".`);
  });

  it("keeps this process alive only while somebody waits", async () => {
    const { client, held, pair } = open();
    const calls = [client.call("hold", "a"), client.call("hold", "b")];
    await settle();
    expect(pair.busy).toEqual([true]);
    for (const { end } of held) end();
    await Promise.all(calls);
    expect(pair.busy).toEqual([true, false]);
  });
});

describe("an error", () => {
  it("arrives as one of its class, with code, message, fields, stack and cause", async () => {
    const { client } = open();
    const error = await client.call("fail", "it broke").catch((caught: unknown) => caught as ToyError);
    expect(error).toBeInstanceOf(ToyError);
    expect(error).toMatchObject({
      name: "ToyError",
      code: "toy-broken",
      message: "it broke",
      retryAfterS: 3,
      stack: expect.stringContaining("protocol.test.ts"),
      cause: { name: "RangeError", message: "too far", stack: expect.stringContaining("protocol.test.ts") },
    });
  });

  it.each([
    ["a text", "text", "text"],
    ["nothing", undefined, "undefined"],
    ["an object that has no text", Object.create(null), "Something was thrown that is no error."],
  ])("that is none (%s) is told in words", async (_, thrown, message) => {
    const { client } = open({}, { errorOf: () => thrown });
    await expect(client.call("fail", "")).rejects.toMatchObject({ name: "Error", message });
  });

  it("with a circle of causes, and with fields that can't be copied, arrives", async () => {
    const circle = Object.assign(new Error("round"), { code: "ENOSPC", handle: () => 1, self: {} });
    circle.cause = circle;
    const { client } = open({}, { errorOf: () => circle });
    const error = (await client.call("fail", "").catch((caught: unknown) => caught)) as Error;
    expect(error).toMatchObject({ code: "ENOSPC", message: "round", cause: { message: "round" } });
    expect(error).not.toHaveProperty("handle");
    let depth = 0;
    for (let at: unknown = error; at; at = (at as Error).cause) depth++;
    expect(depth).toBeLessThan(20);
  });
});

describe("a cancel", () => {
  it("before the call never reaches the other side", async () => {
    const { client, pair } = open();
    const reason = new Error("no longer");
    await expect(client.call("hold", "x", { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: "aborted",
      cause: reason,
    });
    expect(pair.sent).toEqual([]);
  });

  it("asks the other side to stop and takes its answer", async () => {
    const { client, pair, held } = open({ mayEnd: () => true });
    const stop = new AbortController();
    const call = client.call("hold", "cooperative", { signal: stop.signal });
    await settle();
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: "stopped" });
    expect(held[0]!.signal.aborted).toBe(true);
    expect(pair.isAlive()).toBe(true);
  });

  it("ends another side that does not stop, where nothing there is needed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client, pair } = open({ mayEnd: () => true });
    const ends: string[] = [];
    client.onEnd((how) => ends.push(how));
    const stop = new AbortController();
    const call = expect(client.call("hold", "x", { signal: stop.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    stop.abort();
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    await call;
    expect(pair.isAlive()).toBe(false);
    expect(ends).toEqual(["cancelled work did not stop"]);
  });

  it("never fails a call of somebody else", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client, pair, held } = open({ mayEnd: () => true });
    const stop = new AbortController();
    const stuck = expect(client.call("hold", "stuck", { signal: stop.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    const other = client.call("hold", "other");
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    await stuck;
    expect(pair.isAlive()).toBe(true);
    held[1]!.end();
    expect(await other).toBe("other");
    expect(pair.isAlive()).toBe(false); // only the stuck one is left
  });

  it("leaves the other side alone while something there is needed, and ends it when it no longer is", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let isNeeded = true;
    const { client, pair } = open({ mayEnd: () => !isNeeded });
    const stop = new AbortController();
    const stuck = expect(client.call("hold", "stuck", { signal: stop.signal })).rejects.toThrow();
    stop.abort();
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    await stuck;
    expect(client.endIfAbandoned()).toBe(false);
    expect(pair.isAlive()).toBe(true);
    isNeeded = false;
    expect(client.endIfAbandoned()).toBe(true);
    expect(pair.isAlive()).toBe(false);
  });

  it("of a call that goes on is done when that ends, and idle means that it has", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client, held } = open();
    const stop = new AbortController();
    const stuck = expect(client.call("hold", "stuck", { signal: stop.signal })).rejects.toThrow();
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    await stuck;
    let isIdle = false;
    const idle = client.whenIdle().then(() => {
      isIdle = true;
    });
    await settle();
    expect(isIdle).toBe(false);
    held[0]!.end();
    await idle;
    expect(client.endIfAbandoned()).toBe(false);
  });
});

describe("the end of the other side", () => {
  it("fails what is pending and what comes later, with how it ended, and is told once", async () => {
    const { client, pair } = open();
    const ends: string[] = [];
    client.onEnd((how) => ends.push(how));
    const pending = ["a", "b"].map((name) =>
      expect(client.call("hold", name)).rejects.toMatchObject({ code: "lost", message: "signal SIGKILL" }),
    );
    pair.die("signal SIGKILL");
    await Promise.all(pending);
    await expect(client.call("add", { a: 1, b: 1 })).rejects.toMatchObject({ code: "lost" });
    client.end("again");
    client.onEnd((how) => ends.push(`late: ${how}`));
    expect(ends).toEqual(["signal SIGKILL", "late: signal SIGKILL"]);
    expect(client.ended).toBe("signal SIGKILL");
    await client.whenIdle();
  });

  it("by this side fails what is pending with what it says", async () => {
    const { client, pair } = open();
    const pending = expect(client.call("hold", "a")).rejects.toMatchObject({ message: "it was closed" });
    client.end("it was closed");
    await pending;
    expect(pair.isAlive()).toBe(false);
  });
});

it("tells notices beside answers", async () => {
  const notices: unknown[] = [];
  const { client, serving } = open({ onNotice: (notice) => notices.push(notice) });
  serving.notify({ loaded: 3 });
  await client.call("add", { a: 1, b: 2 });
  expect(notices).toEqual([{ loaded: 3 }]);
});

const GARBAGE = [
  undefined,
  null,
  7,
  "ready",
  [],
  {},
  { id: 0 },
  { kind: "reply" },
  { kind: "reply", id: "0", reply: 1 },
  { kind: "reply", id: 99, reply: 1 },
  { kind: "error", id: 0 },
  { kind: "error", id: 0, error: null },
  { kind: "progress", id: 99, progress: 1 },
  { kind: "call", id: 0, method: 3 },
  { kind: "cancel", id: 99 },
  { kind: "other", id: 0 },
];

it.each(GARBAGE.map((message) => [message]))("ignores %j on either side", async (message) => {
  const { client, pair, held } = open();
  const call = client.call("hold", "x");
  await settle();
  pair.server.send(message);
  pair.client.send(message);
  await settle();
  held[0]!.end();
  expect(await call).toBe("x");
});
