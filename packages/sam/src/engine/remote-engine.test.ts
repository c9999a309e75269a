import { SamError } from "@segany/masks";
import { describe, expect, it } from "vitest";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { Selection } from "../proposals/selection.js";
import type { CropTask } from "../proposals/types.js";
import type { EngineReply, EngineRequest } from "./messages.js";
import { type ChannelOpener, openRemoteEngine } from "./remote-engine.js";
import { serveEngine } from "./serve-engine.js";
import type { Engine, ModelInfo } from "./types.js";

const model = { name: "toy", checkpointSha256: "0".repeat(64), source: "memory" } as ModelInfo;
const embedding: ImageEmbedding = {
  model,
  imageSize: { width: 4, height: 4 },
  inputSize: { width: 4, height: 4 },
  shape: [1, 1, 1, 1],
  data: Float32Array.of(7),
};

/** What every engine of these tests has to say while it loads. */
const NOTE = { kind: "note", message: "slow" } as const;

/** Two ends in one process; messages are copied as between processes. */
function pair(engine: Partial<Engine>): { open: ChannelOpener; sent: EngineRequest[]; opened: () => number } {
  const sent: EngineRequest[] = [];
  let opened = 0;
  const open: ChannelOpener = () => {
    opened++;
    let toWorker: (message: EngineRequest) => void = () => undefined;
    let toCaller: (message: EngineReply) => void = () => undefined;
    let closed: (reason: string) => void = () => undefined;
    let alive = true;
    serveEngine(
      {
        send: (reply) => queueMicrotask(() => alive && toCaller(structuredClone(reply))),
        onMessage: (listener) => {
          toWorker = listener;
        },
      },
      async (_spec, _signal, notify) => {
        notify(NOTE);
        return { model, close: async () => undefined, ...engine } as Engine;
      },
    );
    return {
      send(message) {
        sent.push(message);
        const copy = structuredClone(message);
        queueMicrotask(() => alive && toWorker(copy));
      },
      onMessage(listener) {
        toCaller = listener;
      },
      onClose(listener) {
        closed = listener;
      },
      kill() {
        alive = false;
        closed("killed");
      },
    };
  };
  return { open, sent, opened: () => opened };
}

describe("an engine far away", () => {
  it("answers, passes progress on, and carries errors with their code", async () => {
    const { open } = pair({
      propose: async (_, options) => {
        options?.onProgress?.({ pointsDone: 1, pointsTotal: 2, candidates: 3 });
        return { encodeMs: 1, decodeMs: 2, postMs: 3 };
      },
      select: async () => {
        throw new SamError("mask-invalid", "no mask");
      },
    });
    const engine = await openRemoteEngine(open, {});
    const seen: unknown[] = [];
    const task = { input: embedding } as Parameters<Engine["propose"]>[0];
    expect(await engine.propose(task, { onProgress: (progress) => seen.push(progress) })).toEqual({
      encodeMs: 1,
      decodeMs: 2,
      postMs: 3,
    });
    expect(seen).toEqual([{ pointsDone: 1, pointsTotal: 2, candidates: 3 }]);
    await expect(engine.select(1, {} as never, "official")).rejects.toMatchObject({
      code: "mask-invalid",
      message: "no mask",
    });
  });

  it("sends an embedding's values once, and again when it has been forgotten", async () => {
    const { open, sent } = pair({
      decode: async (received) => ({
        batch: 1,
        masks: 1,
        iouPredictions: received.data,
        lowResLogits: received.data,
      }),
    });
    const engine = await openRemoteEngine(open, {});
    const others = Array.from({ length: 4 }, (_, i) => ({ ...embedding, data: Float32Array.of(i) }));
    for (const each of [embedding, embedding, ...others, embedding]) {
      expect((await engine.decode(each, {} as never, "three")).iouPredictions).toEqual(each.data);
    }
    const references = sent.flatMap((request) =>
      request.kind === "call" && request.call.method === "decode" ? [request.call.embedding] : [],
    );
    expect(references.map((reference) => reference.embedding !== undefined)).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it("ends a worker that does not stop, and starts another for the next call", async () => {
    const controller = new AbortController();
    const { open, opened } = pair({
      encode: () => {
        controller.abort();
        return new Promise(() => undefined);
      },
      decode: async () => ({
        batch: 0,
        masks: 0,
        iouPredictions: new Float32Array(),
        lowResLogits: new Float32Array(),
      }),
    });
    const engine = await openRemoteEngine(open, {});
    const stuck = engine.encode({} as never, { signal: controller.signal });
    await expect(stuck).rejects.toMatchObject({ code: "aborted" });
    await engine.decode(embedding, {} as never, "three");
    expect(opened()).toBe(2);
  });

  it("refuses to work once closed", async () => {
    const engine = await openRemoteEngine(pair({}).open, {});
    await engine.close();
    await expect(engine.encode({} as never)).rejects.toMatchObject({ code: "inference-failed" });
  });

  it("picks one image's masks while the next image is being decoded", async () => {
    const events: string[] = [];
    let end = () => {};
    const { open } = pair({
      propose: async () => {
        events.push("propose");
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        events.push("proposed");
        return { encodeMs: 0, decodeMs: 0, postMs: 0 };
      },
      select: async () => {
        events.push("select");
        return [];
      },
    });
    const engine = await openRemoteEngine(open, {});
    const proposing = engine.propose({ input: embedding } as unknown as CropTask);
    await new Promise((resolve) => setTimeout(resolve, 0)); // it has begun
    await engine.select(1, {} as Selection, "official");
    end();
    await proposing;
    expect(events).toEqual(["propose", "select", "proposed"]);
  });

  it("tells of downloads, sessions and notes while loading", async () => {
    const notices: unknown[] = [];
    await openRemoteEngine(pair({}).open, {}, { onNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual([NOTE]);
  });
});
