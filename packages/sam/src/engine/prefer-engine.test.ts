import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../../scripts/testing/limits.mjs";
import type { DecodedMasks } from "../model/decoded-masks.js";
import type { DecodeRequest } from "./methods.js";
import { preferEngine } from "./prefer-engine.js";
import type { Engine, ModelInfo } from "./types.js";

const model = {
  name: "toy",
  checkpointSha256: "0".repeat(64),
  imageSide: 64,
  features: { image_embeddings: [1, 8, 4, 4] },
} as unknown as ModelInfo;

/** An engine whose masks are those of its embedding, changed; it tells whether it was closed. */
function fakeEngine(change: (masks: DecodedMasks) => DecodedMasks = (masks) => masks) {
  const state = { closed: false };
  const engine = {
    model,
    decode: async ({ embedding: { features } }: DecodeRequest) => {
      const { data } = features.image_embeddings!;
      return change({ batch: 1, masks: 3, iouPredictions: data.slice(0, 3), lowResLogits: data.slice(3) });
    },
    close: async () => {
      state.closed = true;
    },
  } as unknown as Engine;
  return { engine, state };
}

const options = { timeoutMs: LIMITS.eventMs };

describe("preferring another device", () => {
  it("takes it when a known prompt gives the same", async () => {
    const trusted = fakeEngine();
    const other = fakeEngine((masks) => ({
      ...masks,
      iouPredictions: masks.iouPredictions.map((x) => x + 1e-4),
    }));
    const result = await preferEngine(trusted.engine, async () => other.engine, options);
    expect(result).toEqual({ engine: other.engine });
    expect([trusted.state.closed, other.state.closed]).toEqual([false, false]);
  });

  it.each<[string, (masks: DecodedMasks) => DecodedMasks]>([
    [
      "logits",
      (masks) => ({ ...masks, lowResLogits: masks.lowResLogits.map((x, i) => (i === 9 ? x + 0.1 : x)) }),
    ],
    ["ratings", (masks) => ({ ...masks, iouPredictions: masks.iouPredictions.map((x) => x - 0.02) })],
    ["no numbers", (masks) => ({ ...masks, lowResLogits: masks.lowResLogits.map(() => Number.NaN) })],
    ["too few", (masks) => ({ ...masks, iouPredictions: masks.iouPredictions.slice(1) })],
  ])("refuses one that gives wrong %s", async (_, change) => {
    const trusted = fakeEngine();
    const other = fakeEngine(change);
    const { engine, refusal } = await preferEngine(trusted.engine, async () => other.engine, options);
    expect(engine).toBeUndefined();
    expect(refusal).toMatch(/wrong masks/);
    expect([trusted.state.closed, other.state.closed]).toEqual([false, true]);
  });

  it("refuses one that cannot be opened, with its reason", async () => {
    const trusted = fakeEngine();
    const failing = () => Promise.reject(new Error("buffers are too small"));
    const { engine, refusal } = await preferEngine(trusted.engine, failing, options);
    expect([engine, refusal]).toEqual([undefined, "buffers are too small"]);
  });

  it("refuses one that takes too long, and tells it to stop", async () => {
    const trusted = fakeEngine();
    let stopped = false;
    const hanging = (signal: AbortSignal) =>
      new Promise<Engine>((_, reject) =>
        signal.addEventListener("abort", () => {
          stopped = true;
          reject(new Error("stopped"));
        }),
      );
    const { refusal } = await preferEngine(trusted.engine, hanging, { timeoutMs: 20 });
    expect(refusal).toMatch(/more than 0.02 s/);
    expect(stopped).toBe(true);
  });

  it("closes both when the caller gives up", async () => {
    const trusted = fakeEngine();
    const controller = new AbortController();
    const opening = async (signal: AbortSignal) => {
      controller.abort();
      signal.throwIfAborted();
      return fakeEngine().engine;
    };
    const preferring = preferEngine(trusted.engine, opening, { ...options, signal: controller.signal });
    await expect(preferring).rejects.toMatchObject({ code: "aborted" });
    expect(trusted.state.closed).toBe(true);
  });
});
