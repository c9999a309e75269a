import { SamError } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { type CropTask, isEmbedding } from "../proposals/types.js";
import { closedError } from "./closed-error.js";
import { checkSameEmbedding } from "./device-check.js";
import { refusalOf } from "./prefer-engine.js";
import type { Engine, EngineCallOptions } from "./types.js";

/** The engines that it chooses between. */
export interface FallbackEngineOptions {
  /** Runs anywhere, and is open. Closed when it has no more work. */
  readonly trusted: Engine;
  /** Opens it again. */
  readonly openTrusted: () => Promise<Engine>;
  /** On another device; its decoder has proved right. */
  readonly decoder: Engine;
  /** Opens a further engine there, for the encoder; null where the model has none. */
  readonly openEncoder: ((signal: AbortSignal) => Promise<Engine>) | null;
  /** How long that may take until it has encoded its first image. */
  readonly timeoutMs: number;
  /** What the other device is called. */
  readonly device: string;
  readonly onNote: (note: string) => void;
}

/** An engine on a device that may fail. */
export interface FallbackEngine extends Engine {
  /** Whether a part of the model runs on the other device now. */
  isOnDevice(part: "encoder" | "decoder"): boolean;
  /** Leaves the device: it is gone. */
  lose(reason: string): void;
}

/** What is known of the encoder on the other device. */
type DeviceEncoder =
  | { readonly state: "unproven" | "refused" }
  | { readonly state: "tried"; readonly stop: AbortController }
  | { readonly state: "proven"; readonly engine: Engine };

/**
 * Works on another device for as long as that does, and on the trusted engine afterwards: what was under way when
 * the device failed is done again there, candidates included, so that callers only wait longer.
 *
 * Images are encoded by the trusted engine until the device has given the same embedding of the first one: nobody waits
 * for the proof. It has an engine of its own, so that prompts don't wait for it either.
 */
export function createFallbackEngine(options: FallbackEngineOptions): FallbackEngine {
  const { openTrusted, openEncoder, timeoutMs, device, onNote } = options;
  let trusted: Promise<Engine> | null = Promise.resolve(options.trusted);
  let decoder: Engine | null = options.decoder;
  let encoder: DeviceEncoder = { state: openEncoder ? "unproven" : "refused" };
  let closed = false;
  /** What the device has found, to be found again when it is lost. */
  const tasks = new Map<number, CropTask[]>();
  const moves = new Map<number, Promise<void>>();
  if (!openEncoder) closeTrusted();

  function trustedEngine(): Promise<Engine> {
    if (closed) return Promise.reject(closedError());
    trusted ??= openTrusted().catch((error: unknown) => {
      trusted = null;
      throw error;
    });
    return trusted;
  }

  function closeTrusted(): void {
    void trusted?.then((engine) => engine.close()).catch(() => undefined);
    trusted = null;
  }

  function leaveEncoder(): void {
    if (encoder.state === "tried") encoder.stop.abort();
    if (encoder.state === "proven") void encoder.engine.close();
    encoder = { state: "refused" };
  }

  function lose(reason: string): void {
    if (!decoder || closed) return;
    const lost = decoder;
    decoder = null;
    leaveEncoder();
    onNote(`${device} has failed (${reason}); the model runs on WebAssembly from now on.`);
    // Opened before it is asked, for somebody is about to; whoever asks hears of a failure.
    void trustedEngine().catch(() => undefined);
    void lost.close(); // calls that still wait there fail, and are made again
  }

  /** Does it on the device, or on the trusted engine when that fails. */
  async function withDecoder<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    if (closed) throw closedError();
    const engine = decoder;
    if (!engine) return work(await trustedEngine());
    try {
      return await work(engine);
    } catch (error) {
      if (closed || !isFailure(error)) throw error;
      lose(error.message);
      return work(await trustedEngine());
    }
  }

  async function encode(image: PreparedImage, call: EngineCallOptions = {}): Promise<ImageEmbedding> {
    if (encoder.state === "proven") {
      try {
        return await encoder.engine.encode(image, call);
      } catch (error) {
        if (closed || !isFailure(error)) throw error;
        lose(error.message);
      }
    }
    const embedding = await (await trustedEngine()).encode(image, call);
    if (encoder.state === "unproven" && openEncoder) void prove(openEncoder, image, embedding);
    return embedding;
  }

  async function prove(
    open: (signal: AbortSignal) => Promise<Engine>,
    image: PreparedImage,
    expected: ImageEmbedding,
  ): Promise<void> {
    const stop = new AbortController();
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([stop.signal, deadline]);
    encoder = { state: "tried", stop };
    let engine: Engine | undefined;
    try {
      engine = await open(signal);
      checkSameEmbedding(await engine.encode(image, { signal }), expected);
      signal.throwIfAborted();
      encoder = { state: "proven", engine };
      closeTrusted();
    } catch (error) {
      await engine?.close();
      if (stop.signal.aborted) return;
      encoder = { state: "refused" };
      onNote(`${device} encodes no images (${refusalOf(error, deadline, timeoutMs)}); WebAssembly does.`);
    }
  }

  /** Has the trusted engine find again what the device had found. */
  async function move(proposals: number, to: Engine): Promise<void> {
    const lost = tasks.get(proposals);
    tasks.delete(proposals);
    const find = async () => {
      for (const task of lost ?? []) await to.propose(task);
    };
    if (lost) moves.set(proposals, find());
    await moves.get(proposals);
  }

  return {
    model: options.trusted.model,
    isOnDevice: (part) => (part === "decoder" ? decoder !== null : encoder.state === "proven"),
    lose,
    encode,
    decode: (embedding, prompts, masks, call) =>
      withDecoder((engine) => engine.decode(embedding, prompts, masks, call)),
    async propose(task, call = {}) {
      const start = performance.now();
      const input = isEmbedding(task.input) ? task.input : await encode(task.input, call);
      const encodeMs = performance.now() - start;
      const embedded = { ...task, input };
      const timings = await withDecoder(async (engine) => {
        if (engine !== decoder) await move(task.proposals, engine);
        const found = await engine.propose(embedded, call);
        if (engine === decoder) tasks.set(task.proposals, [...(tasks.get(task.proposals) ?? []), embedded]);
        return found;
      });
      return { ...timings, encodeMs };
    },
    select: (proposals, selection, behaviour) =>
      withDecoder(async (engine) => {
        if (engine !== decoder) await move(proposals, engine);
        return engine.select(proposals, selection, behaviour);
      }),
    async release(proposals) {
      tasks.delete(proposals);
      moves.delete(proposals);
      await (decoder ?? (await trusted))?.release(proposals);
    },
    async close() {
      closed = true;
      leaveEncoder();
      closeTrusted();
      await decoder?.close();
    },
  };
}

/** What a device that does not work says, rather than a caller's mistake or wish. */
function isFailure(error: unknown): error is SamError {
  return (
    error instanceof SamError && (error.code === "inference-failed" || error.code === "device-unavailable")
  );
}
