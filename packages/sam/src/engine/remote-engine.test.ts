import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SamError } from "@segany/masks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ChannelPair, channelPair } from "../../../runtime/src/testing/channel-pair.js";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Selection } from "../proposals/selection.js";
import type { CropProgress, CropTask } from "../proposals/types.js";
import type { SelectRequest } from "./methods.js";
import type { EngineLoader } from "./protocol.js";
import { openRemoteEngine, type RemoteEngineOptions } from "./remote-engine.js";
import { serveEngine } from "./serve-engine.js";
import type { Engine, LongCallOptions, ModelInfo } from "./types.js";

const model = { name: "toy", checkpointSha256: "0".repeat(64), source: "memory" } as ModelInfo;
const embedding: ImageEmbedding = {
  model,
  imageSize: { width: 4, height: 4 },
  inputSize: { width: 4, height: 4 },
  features: { map: { shape: [1, 1, 1, 1], data: Float32Array.of(7) } },
};
/** Another embedding of one value. */
const withValue = (value: number): ImageEmbedding => ({
  ...embedding,
  features: { map: { shape: [1, 1, 1, 1], data: Float32Array.of(value) } },
});
const IMAGE = {} as PreparedImage;
const TIMINGS = { encodeMs: 1, decodeMs: 2, postMs: 3 };
const MASKS = { batch: 0, masks: 0, iouPredictions: new Float32Array(), lowResLogits: new Float32Array() };

/** What every engine of these tests has to say while it loads. */
const NOTE = { kind: "note", message: "slow" } as const;

const promptsOn = (on: ImageEmbedding) =>
  ({ embedding: on, prompts: {} as PackedPrompts, masks: "three" }) as const;
const taskOf = (searchId: number) => ({ searchId, input: embedding }) as CropTask;
const picking = (searchId: number): SelectRequest => ({
  searchId,
  selection: {} as Selection,
  behaviour: "official",
});

/** Lets messages arrive and promises be heard of. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** What opens engines whose other side is in this process, and all channels that it has opened. */
function setUp(engine: Partial<Engine>, loaded: () => Promise<unknown> = async () => undefined) {
  const opened: ChannelPair[] = [];
  const load: EngineLoader = async (_spec, _signal, notify) => {
    notify(NOTE);
    await loaded();
    return { model, close: async () => undefined, ...engine } as Engine;
  };
  const openChannel = () => {
    const pair = channelPair();
    opened.push(pair);
    serveEngine(pair.server, load);
    return pair.client;
  };
  const open = (options?: RemoteEngineOptions) => openRemoteEngine(openChannel, {}, options);
  return { open, opened, alive: () => opened.filter(({ isAlive }) => isAlive()).length };
}

/** A promise and what settles it. */
function deferred<T = void>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}

/** Only timers stand still. */
const holdTime = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

afterEach(() => void vi.useRealTimers());

describe("an engine far away", () => {
  it("answers, passes progress on, and carries errors with code, cause and stack", async () => {
    const cause = new RangeError("off by one");
    const { open } = setUp({
      propose: async (_, options) => {
        options?.onProgress?.({ pointsDone: 1, pointsTotal: 2, candidates: 3 });
        return TIMINGS;
      },
      select: async () => {
        throw new SamError("mask-invalid", "no mask", { cause });
      },
    });
    const engine = await open();
    const seen: unknown[] = [];
    expect(await engine.propose(taskOf(1), { onProgress: (progress) => seen.push(progress) })).toEqual(
      TIMINGS,
    );
    expect(seen).toEqual([{ pointsDone: 1, pointsTotal: 2, candidates: 3 }]);
    const error = await engine.select(picking(1)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SamError);
    expect(error).toMatchObject({
      code: "mask-invalid",
      message: "no mask",
      stack: expect.stringContaining("remote-engine.test.ts"),
      cause: { name: "RangeError", message: "off by one", stack: cause.stack },
    });
  });

  it("gives the faults of others a code, and keeps them as the cause", async () => {
    const { open } = setUp({
      encode: async () => {
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
    });
    await expect((await open()).encode(IMAGE)).rejects.toMatchObject({
      name: "SamError",
      code: "inference-failed",
      message: "no space",
      cause: { code: "ENOSPC" },
    });
  });

  it("fails a call whose progress can't be taken", async () => {
    const { open } = setUp({
      propose: async (_, options) => {
        options?.onProgress?.({ pointsDone: 1, pointsTotal: 2, candidates: 3 });
        return TIMINGS;
      },
    });
    const broken = new Error("the listener broke");
    const onProgress = () => {
      throw broken;
    };
    await expect((await open()).propose(taskOf(1), { onProgress })).rejects.toBe(broken);
  });

  it("tells of downloads, sessions and notes while loading", async () => {
    const notices: unknown[] = [];
    await setUp({}).open({ onNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual([NOTE]);
  });

  it("picks one image's masks while the next image is being decoded", async () => {
    const events: string[] = [];
    const end = deferred();
    const { open } = setUp({
      propose: async () => {
        events.push("propose");
        await end.promise;
        events.push("proposed");
        return TIMINGS;
      },
      select: async () => {
        events.push("select");
        return [];
      },
    });
    const engine = await open();
    const proposing = engine.propose(taskOf(2));
    await settle(); // it has begun
    await engine.select(picking(1));
    end.resolve();
    await proposing;
    expect(events).toEqual(["propose", "select", "proposed"]);
  });

  it("answers prompts and images between the steps of a search, and other searches after it", async () => {
    const events: string[] = [];
    const clicked = deferred();
    const { open } = setUp({
      async propose({ searchId }, { pause }: LongCallOptions<CropProgress> = {}) {
        for (const step of [1, 2, 3]) {
          events.push(`search ${searchId}, step ${step}`);
          if (searchId === 1 && step === 1) await clicked.promise;
          await pause?.();
        }
        return TIMINGS;
      },
      decode: async () => {
        events.push("decode");
        return MASKS;
      },
      encode: async () => {
        events.push("encode");
        return embedding;
      },
    });
    const engine = await open();
    const searching = engine.propose(taskOf(1));
    await settle(); // it has begun
    const other = engine.propose(taskOf(2));
    const short = [engine.encode(IMAGE), engine.decode(promptsOn(embedding))];
    const cancelled = new AbortController();
    const never = engine.decode(promptsOn(embedding), { signal: cancelled.signal });
    const failed = expect(never).rejects.toMatchObject({ code: "aborted" });
    await settle();
    cancelled.abort();
    await failed;
    clicked.resolve();
    await Promise.all(short);
    await Promise.all([searching, other]);
    expect(events).toEqual([
      "search 1, step 1",
      "encode",
      "decode",
      ...[2, 3].map((step) => `search 1, step ${step}`),
      ...[1, 2, 3].map((step) => `search 2, step ${step}`),
    ]);
  });

  it("refuses to work once closed, and fails what is under way", async () => {
    const { open, alive } = setUp({ encode: () => new Promise(() => undefined) });
    const engine = await open();
    const closed = { code: "inference-failed", message: expect.stringContaining("was closed") };
    const encoding = expect(engine.encode(IMAGE)).rejects.toMatchObject(closed);
    await settle();
    await engine.close();
    await encoding;
    await expect(engine.encode(IMAGE)).rejects.toMatchObject(closed);
    expect(alive()).toBe(0);
  });
});

describe("embeddings", () => {
  it("are sent once, and again when they have been forgotten", async () => {
    const { open, opened } = setUp({
      decode: async (received) => ({
        batch: 1,
        masks: 1,
        iouPredictions: received.embedding.features.map!.data.slice(),
        lowResLogits: received.embedding.features.map!.data.slice(),
      }),
    });
    const engine = await open();
    const others = Array.from({ length: 4 }, (_, i) => withValue(i));
    for (const each of [embedding, embedding, ...others, embedding]) {
      expect((await engine.decode(promptsOn(each))).iouPredictions).toEqual(each.features.map!.data);
    }
    const values = opened[0]!.sent.map((message) => JSON.stringify(message).includes('"data"'));
    expect(values.slice(1)).toEqual([true, false, true, true, true, true, true]);
  });

  it("that were made there need not be sent, whatever is asked meanwhile", async () => {
    const made = deferred<ImageEmbedding>();
    const { open, opened } = setUp({
      encode: () => made.promise,
      decode: async () => MASKS,
      select: async () => [],
    });
    const engine = await open();
    const encoding = engine.encode(IMAGE);
    await settle();
    made.resolve(embedding);
    const selecting = engine.select(picking(1)); // sent when the embedding is on its way back
    await engine.decode(promptsOn(await encoding));
    await selecting;
    expect(JSON.stringify(opened[0]!.sent.at(-1))).not.toContain('"data"');
  });

  it("are forgotten there however calls end", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const there: WeakRef<object>[] = [];
    const { open } = setUp({
      async encode() {
        const made = withValue(0);
        there.push(new WeakRef(made));
        return made;
      },
      async decode(request) {
        there.push(new WeakRef(request.embedding));
        return MASKS;
      },
    });
    const engine = await open();
    for (let round = 0; round < 200; round++) {
      const made = await engine.encode(IMAGE);
      const stop = new AbortController();
      const cancelled = [made, withValue(0)].map((each) =>
        engine.decode(promptsOn(each), { signal: stop.signal }).catch(() => undefined),
      );
      if (round % 2) await settle();
      stop.abort();
      await Promise.all(cancelled);
    }
    await settle();
    collect();
    expect(there.length).toBeGreaterThan(200);
    expect(there.filter((ref) => ref.deref()).length).toBeLessThan(10);
  });
});

describe("cancelling", () => {
  it("leaves nothing behind, after 200 rounds: no task, no listener, no call", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const tasks: WeakRef<object>[] = [];
    const { open, opened } = setUp({
      propose: (task, { signal } = {}) =>
        new Promise((_, reject) => {
          tasks.push(new WeakRef(task));
          signal!.addEventListener("abort", () => reject(new SamError("aborted", "stopped")), { once: true });
        }),
      decode: async () => MASKS,
      release: async () => undefined,
    });
    const engine = await open();
    const whole = new AbortController(); // of the program: it never fires
    for (let round = 1; round <= 200; round++) {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, whole.signal]);
      const searching = engine.propose(taskOf(round), { signal }).catch((error: SamError) => error.code);
      const waiting = engine.propose(taskOf(round), { signal }).catch((error: SamError) => error.code);
      await settle();
      await engine.decode(promptsOn(embedding), { signal: AbortSignal.abort() }).catch(() => undefined);
      stop.abort();
      expect(await Promise.all([searching, waiting])).toEqual(["aborted", "aborted"]);
      await engine.release(round);
      await engine.decode(promptsOn(embedding), { signal: whole.signal });
    }
    await settle();
    collect();
    expect(tasks).toHaveLength(200);
    expect(tasks.filter((task) => task.deref()).length).toBeLessThan(10);
    expect(getEventListeners(whole.signal, "abort")).toEqual([]);
    expect(opened).toHaveLength(1);
  });

  it("ends another side that does not stop; the next call starts one", async () => {
    holdTime();
    const { open, opened, alive } = setUp({
      encode: () => new Promise(() => undefined),
      decode: async () => MASKS,
    });
    const engine = await open();
    const stop = new AbortController();
    const stuck = expect(engine.encode(IMAGE, { signal: stop.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(1000);
    await stuck;
    expect(alive()).toBe(0);
    await engine.decode(promptsOn(embedding));
    expect(opened).toHaveLength(2);
  });

  it.each(["running", "waiting"])("a %s call never fails another", async (which) => {
    holdTime();
    const end = deferred<ImageEmbedding>();
    const { open, opened } = setUp({ encode: () => end.promise, decode: async () => MASKS });
    const engine = await open();
    const stop = new AbortController();
    const signals = which === "running" ? [stop.signal, undefined] : [undefined, stop.signal];
    const encoding = engine.encode(IMAGE, { signal: signals[0] });
    const decoding = engine.decode(promptsOn(embedding), { signal: signals[1] });
    const [cancelled, other] = which === "running" ? [encoding, decoding] : [decoding, encoding];
    const failed = expect(cancelled).rejects.toMatchObject({ code: "aborted" });
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    await failed;
    end.resolve(embedding);
    await other;
    expect(opened).toHaveLength(1);
  });

  it("a call that waits for its turn fails at once, and is never begun", async () => {
    const end = deferred<ImageEmbedding>();
    const decode = vi.fn(async () => MASKS);
    const { open } = setUp({ encode: () => end.promise, decode });
    const engine = await open();
    const encoding = engine.encode(IMAGE);
    const stop = new AbortController();
    const waiting = expect(
      engine.decode(promptsOn(embedding), { signal: stop.signal }),
    ).rejects.toMatchObject({ code: "aborted" });
    await settle();
    holdTime(); // so that nobody gives up
    stop.abort();
    await waiting;
    end.resolve(embedding);
    await encoding;
    await engine.decode(promptsOn(embedding));
    expect(decode).toHaveBeenCalledOnce();
  });

  it("costs nobody the candidates that are kept there", async () => {
    holdTime();
    const { open, opened } = setUp({
      propose: async () => TIMINGS,
      encode: () => new Promise(() => undefined),
      select: async () => [],
      release: async () => undefined,
    });
    const engine = await open();
    await engine.propose(taskOf(1));
    const stop = new AbortController();
    const stuck = expect(engine.encode(IMAGE, { signal: stop.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    await stuck;
    expect(await engine.select(picking(1))).toEqual([]);
    expect(opened[0]!.isAlive()).toBe(true);
    await engine.release(1); // now nothing holds the stuck one
    expect(opened[0]!.isAlive()).toBe(false);
  });

  it("a search that is stuck ends the other side once its candidates are released", async () => {
    holdTime();
    const { open, alive } = setUp({ propose: () => new Promise(() => undefined) });
    const engine = await open();
    const stop = new AbortController();
    const stuck = expect(engine.propose(taskOf(1), { signal: stop.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(1000);
    await stuck;
    await engine.release(1);
    expect(alive()).toBe(0);
  });
});

describe("when the other side has ended", () => {
  it.each([
    ["signal SIGKILL", /\(signal SIGKILL\)\. Its memory may have run out/],
    ["exit status 134", /memory may have run out/],
    ["signal SIGSEGV", /\(signal SIGSEGV\)\. The next call starts another one\.$/],
    ["Script error at line 3", /\(Script error at line 3\)\. The next/],
  ])("by %s, calls say so", async (how, message) => {
    const { open, opened } = setUp({ encode: () => new Promise(() => undefined) });
    const engine = await open();
    const encoding = expect(engine.encode(IMAGE)).rejects.toMatchObject({
      code: "inference-failed",
      message: expect.stringMatching(message),
    });
    await settle();
    opened[0]!.die(how);
    await encoding;
  });

  it("all that ask then share the next one", async () => {
    const { open, opened, alive } = setUp({ encode: async () => embedding, decode: async () => MASKS });
    const engine = await open();
    opened[0]!.die("signal SIGKILL");
    await Promise.all([engine.encode(IMAGE), engine.decode(promptsOn(embedding)), engine.encode(IMAGE)]);
    expect(opened).toHaveLength(2);
    await engine.close();
    expect(alive()).toBe(0);
  });

  it("one that gives up waiting for the next fails no other; when all have, it is ended", async () => {
    const loading = deferred();
    const loads = [Promise.resolve(), loading.promise, loading.promise];
    const { open, opened, alive } = setUp({ decode: async () => MASKS }, () => loads.shift()!);
    const engine = await open();
    opened[0]!.die("signal SIGKILL");
    const stops = [new AbortController(), new AbortController()];
    const calls = stops.map(({ signal }) => engine.decode(promptsOn(embedding), { signal }));
    const [first, second] = calls.map((call) => expect(call).rejects.toMatchObject({ code: "aborted" }));
    await settle();
    stops[0]!.abort();
    await first;
    expect(alive()).toBe(1);
    stops[1]!.abort();
    await second;
    expect(alive()).toBe(0);
    loading.resolve();
    await engine.decode(promptsOn(embedding));
    expect(opened).toHaveLength(3);
    expect(alive()).toBe(1);
  });

  it("closing leaves none behind, however far loading the next has come", async () => {
    for (let steps = 0; steps < 40; steps++) {
      const loading = deferred();
      const loads = [Promise.resolve(), loading.promise];
      const { open, opened, alive } = setUp({ decode: async () => MASKS }, () => loads.shift()!);
      const engine = await open();
      opened[0]!.die("signal SIGKILL");
      const decoding = engine.decode(promptsOn(embedding)).catch((error: unknown) => error);
      await settle();
      loading.resolve();
      for (let step = 0; step < steps; step++) await Promise.resolve();
      await engine.close();
      if ((await decoding) instanceof Error)
        expect(await decoding).toMatchObject({ message: expect.stringContaining("was closed") });
      await settle();
      expect(opened).toHaveLength(2);
      expect(alive()).toBe(0);
    }
  });

  it("while it loads, opening fails and leaves none behind; so does breaking it off", async () => {
    const { open, opened, alive } = setUp({}, () => new Promise(() => undefined));
    const died = expect(open()).rejects.toMatchObject({ message: expect.stringContaining("exit status 1") });
    opened[0]!.die("exit status 1");
    await died;
    const stop = new AbortController();
    const broken = expect(open({ signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
    await settle();
    stop.abort();
    await broken;
    await expect(open({ signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
    expect(opened).toHaveLength(2);
    expect(alive()).toBe(0);
  });
});
