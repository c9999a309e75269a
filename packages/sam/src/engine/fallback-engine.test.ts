import { SamError } from "@segany/masks";
import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../../scripts/testing/limits.mjs";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Selection } from "../proposals/selection.js";
import type { CropTask } from "../proposals/types.js";
import { createFallbackEngine, type FallbackEngineOptions } from "./fallback-engine.js";
import type { SelectRequest } from "./methods.js";
import type { Engine } from "./types.js";

const IMAGE = {} as PreparedImage;
const embeddingOf = (values: readonly number[]) =>
  ({
    model: { name: "toy" },
    features: { map: { data: Float32Array.from(values) } },
  }) as unknown as ImageEmbedding;
const EMBEDDING = embeddingOf([1, 2]);
const PROMPTS = {} as PackedPrompts;
const SELECT: SelectRequest = { searchId: 7, selection: {} as Selection, behaviour: "official" };
const failure = () => new SamError("inference-failed", "The device hung.");

/** An engine that tells what it is asked; `features` are what it makes of any image. */
function fakeEngine(name: string, log: string[], features = [1, 2]) {
  const state = { closed: false, fails: null as Error | null };
  const found = new Map<number, string[]>();
  async function does<T>(what: string, value: T): Promise<T> {
    log.push(`${name} ${what}`);
    await Promise.resolve();
    if (state.fails) throw state.fails;
    return value;
  }
  const engine = {
    model: { name: "toy" },
    encode: () => does("encode", embeddingOf(features)),
    decode: () => does("decode", { by: name }),
    async propose({ searchId, input }: CropTask) {
      const label = (input as unknown as { readonly label?: string }).label ?? "image";
      await does(`propose ${label}`, null);
      found.set(searchId, [...(found.get(searchId) ?? []), label]);
      return { encodeMs: 0, decodeMs: 1, postMs: 1 };
    },
    select: ({ searchId }: SelectRequest) => does("select", found.get(searchId) ?? []),
    release: async (searchId: number) => void found.delete(searchId),
    close: async () => {
      state.closed = true;
    },
  } as unknown as Engine;
  return { engine, state };
}

function setUp({ features = [1, 2], hasEncoder = true, timeoutMs = LIMITS.eventMs } = {}) {
  const log: string[] = [];
  const notes: string[] = [];
  const trusted = fakeEngine("wasm", log);
  const again = fakeEngine("wasm again", log);
  const decoder = fakeEngine("gpu", log);
  const encoder = fakeEngine("gpu encoder", log, features);
  const openEncoder = vi.fn<NonNullable<FallbackEngineOptions["openEncoder"]>>(async () => encoder.engine);
  const openTrusted = vi.fn(async () => again.engine);
  const engine = createFallbackEngine({
    trusted: trusted.engine,
    openTrusted,
    decoder: decoder.engine,
    openEncoder: hasEncoder ? openEncoder : null,
    timeoutMs,
    device: "WebGPU",
    onNote: (note) => notes.push(note),
  });
  const decode = () =>
    engine.decode({ embedding: EMBEDDING, prompts: PROMPTS, masks: "three" }) as unknown as Promise<{
      readonly by: string;
    }>;
  const taskOf = (label: string) => ({ searchId: 7, input: { ...EMBEDDING, label } }) as unknown as CropTask;
  return { engine, log, notes, trusted, again, decoder, encoder, openEncoder, openTrusted, decode, taskOf };
}

describe("prompts", () => {
  it("are answered by the device; where there is no encoder the trusted engine is closed", async () => {
    const { engine, decode, trusted, openTrusted } = setUp({ hasEncoder: false });
    expect((await decode()).by).toBe("gpu");
    expect(engine.isOnDevice("decoder")).toBe(true);
    expect(trusted.state.closed).toBe(true);
    expect(openTrusted).not.toHaveBeenCalled();
  });

  it("are answered by the trusted engine, opened again, when the device fails, and a note says so once", async () => {
    const { engine, decode, decoder, notes, openTrusted } = setUp({ hasEncoder: false });
    decoder.state.fails = failure();
    expect((await Promise.all([decode(), decode()])).map(({ by }) => by)).toEqual([
      "wasm again",
      "wasm again",
    ]);
    expect((await decode()).by).toBe("wasm again");
    expect(openTrusted).toHaveBeenCalledTimes(1);
    expect(notes).toEqual(["WebGPU has failed (The device hung.); the model continues on WebAssembly."]);
    expect([engine.isOnDevice("decoder"), decoder.state.closed]).toEqual([false, true]);
  });

  it("that are wrong or unwanted stay so: the device is not to blame", async () => {
    const { engine, decode, decoder, notes } = setUp();
    for (const code of ["prompt-invalid", "aborted"] as const) {
      decoder.state.fails = new SamError(code, "No.");
      await expect(decode()).rejects.toMatchObject({ code });
    }
    expect([engine.isOnDevice("decoder"), notes]).toEqual([true, []]);
  });

  it("go to the trusted engine at once when the device says that it is gone", async () => {
    const { engine, decode, openTrusted, notes } = setUp({ hasEncoder: false });
    engine.lose("it was reset");
    engine.lose("it was reset");
    expect(openTrusted).toHaveBeenCalledTimes(1);
    expect((await decode()).by).toBe("wasm again");
    expect(notes).toHaveLength(1);
  });
});

describe("images", () => {
  it("are encoded by the trusted engine until the device has given the same, and then by the device", async () => {
    const { engine, log, trusted } = setUp();
    await engine.encode(IMAGE);
    expect(engine.isOnDevice("encoder")).toBe(false);
    await expect.poll(() => engine.isOnDevice("encoder")).toBe(true);
    await engine.encode(IMAGE);
    expect(log).toEqual(["wasm encode", "gpu encoder encode", "gpu encoder encode"]);
    expect(trusted.state.closed).toBe(true);
  });

  it.each([
    ["gives another embedding", [1, 2.05], /differ by 2.5 %/],
    ["gives no numbers", [1, Number.NaN], /differ/],
  ])("stay with the trusted engine when the device %s; prompts don't", async (_, features, reason) => {
    const { engine, log, notes, encoder, trusted, decode } = setUp({ features });
    await engine.encode(IMAGE);
    await expect.poll(() => notes).toEqual([expect.stringMatching(reason)]);
    await engine.encode(IMAGE);
    expect(log).toEqual(["wasm encode", "gpu encoder encode", "wasm encode"]);
    expect([encoder.state.closed, trusted.state.closed]).toEqual([true, false]);
    expect((await decode()).by).toBe("gpu");
  });

  it("stay with the trusted engine when the device takes too long, or has no room", async () => {
    const slow = setUp({ timeoutMs: 20 });
    slow.openEncoder.mockImplementation(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
    );
    await slow.engine.encode(IMAGE);
    await expect.poll(() => slow.notes).toEqual([expect.stringMatching(/more than 0.02 s/)]);
    const small = setUp();
    small.openEncoder.mockRejectedValue(new SamError("device-unavailable", "buffers are too small"));
    await small.engine.encode(IMAGE);
    await expect.poll(() => small.notes).toEqual([expect.stringMatching(/buffers are too small/)]);
    await small.engine.encode(IMAGE);
    expect(small.openEncoder).toHaveBeenCalledTimes(1);
  });

  it("are encoded again by the trusted engine when the device fails at one", async () => {
    const { engine, log, trusted, encoder, notes } = setUp();
    await engine.encode(IMAGE);
    await expect.poll(() => trusted.state.closed).toBe(true);
    encoder.state.fails = failure();
    expect([...(await engine.encode(IMAGE)).features.map!.data]).toEqual([1, 2]);
    expect(log.slice(2)).toEqual(["gpu encoder encode", "wasm again encode"]);
    expect(engine.isOnDevice("decoder")).toBe(false);
    expect(notes).toHaveLength(1);
  });

  it("are not proved on a device that is gone meanwhile", async () => {
    const { engine, openEncoder, notes, encoder } = setUp();
    let stopped = false;
    openEncoder.mockImplementation(async (signal) => {
      engine.lose("it was reset");
      stopped = signal.aborted;
      return encoder.engine;
    });
    await engine.encode(IMAGE);
    await expect.poll(() => encoder.state.closed).toBe(true);
    expect(stopped).toBe(true);
    expect(notes).toHaveLength(1);
  });
});

describe("candidates", () => {
  it("that the device had found are found again by the trusted engine, in order, and picked", async () => {
    const { engine, decoder, log, taskOf } = setUp();
    await engine.propose(taskOf("first"));
    await engine.propose(taskOf("second"));
    decoder.state.fails = failure();
    await engine.propose(taskOf("third"));
    expect(await engine.select(SELECT)).toEqual(["first", "second", "third"]);
    expect(log.slice(3)).toEqual([
      "wasm propose first",
      "wasm propose second",
      "wasm propose third",
      "wasm select",
    ]);
  });

  it("are found again also when they are only to be picked, and once", async () => {
    const { engine, taskOf, log } = setUp();
    await engine.propose(taskOf("first"));
    engine.lose("it was reset");
    for (let i = 0; i < 2; i++) expect(await engine.select(SELECT)).toEqual(["first"]);
    expect(log.filter((entry) => entry.includes("propose"))).toEqual([
      "gpu propose first",
      "wasm propose first",
    ]);
  });

  it("of an image that is not encoded yet go through the encoder that has proved right", async () => {
    const { engine, log } = setUp();
    await engine.propose({ searchId: 7, input: IMAGE } as unknown as CropTask);
    expect(log.slice(0, 1)).toEqual(["wasm encode"]);
    expect(log).toContain("gpu propose image");
  });
});

it("closes everything that it has opened, and opens nothing afterwards", async () => {
  const { engine, decode, trusted, decoder, encoder, openTrusted } = setUp();
  await engine.encode(IMAGE);
  await expect.poll(() => trusted.state.closed).toBe(true);
  await engine.close();
  expect([decoder.state.closed, encoder.state.closed]).toEqual([true, true]);
  decoder.state.fails = failure();
  await expect(decode()).rejects.toMatchObject({ code: "inference-failed" });
  await expect(engine.encode(IMAGE)).rejects.toMatchObject({ code: "inference-failed" });
  expect(openTrusted).not.toHaveBeenCalled();
});
