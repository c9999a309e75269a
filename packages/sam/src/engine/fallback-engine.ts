import { SamError } from "@segany/masks";
import type { CallOptions } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { closedError } from "./closed-error.js";
import { createDeviceEncoder, type EngineOpener } from "./device-encoder.js";
import { createFallbackSearch, type SearchEngines } from "./fallback-search.js";
import { eachEngineMethod, engineMethod } from "./methods.js";
import { createTrustedEngine } from "./trusted-engine.js";
import type { Engine } from "./types.js";

/** The engines to choose from. */
export interface FallbackEngineOptions {
  /** The engine that works everywhere, open. It is closed when it is idle. */
  readonly trusted: Engine;
  /** Reopens it. */
  readonly openTrusted: () => Promise<Engine>;
  /** An engine on another device; its decoder has been verified. */
  readonly decoder: Engine;
  /** Opens a second engine on the device, for the encoder; null if the model has none. */
  readonly openEncoder: EngineOpener | null;
  /** Time limit until it has encoded its first image. */
  readonly timeoutMs: number;
  /** Name of the device, for messages. */
  readonly device: string;
  readonly onNote: (note: string) => void;
}

/** An engine on a device that may fail. */
export interface FallbackEngine extends Engine {
  /** Whether a part of the model currently runs on the device. */
  isOnDevice(part: "encoder" | "decoder"): boolean;
  /** Stops using the device: it is lost. */
  lose(reason: string): void;
}

/**
 * Creates an engine that works on another device as long as possible, and then on the trusted engine. Work in
 * progress when the device fails is repeated there, including candidates, so that callers only wait longer.
 *
 * The trusted engine encodes images until the device has returned the same embedding for the first one, so
 * that nobody waits for the verification. The device's encoder has its own engine, so that prompts don't wait
 * for it.
 */
export function createFallbackEngine(options: FallbackEngineOptions): FallbackEngine {
  const { openEncoder, timeoutMs, device, onNote } = options;
  const trusted = createTrustedEngine(options.trusted, options.openTrusted);
  const encoder = createDeviceEncoder({
    open: openEncoder,
    timeoutMs,
    onProven: trusted.close,
    onRefused: (refusal) => onNote(`${device} can't encode images (${refusal}); WebAssembly is used.`),
  });
  let decoder: Engine | null = options.decoder;
  let closed = false;
  if (!openEncoder) trusted.close();

  function lose(reason: string): void {
    if (!decoder || closed) return;
    const lost = decoder;
    decoder = null;
    encoder.leave();
    onNote(`${device} has failed (${reason}); the model continues on WebAssembly.`);
    // Opened in advance, since a call will follow; callers get the error.
    void trusted.get().catch(() => undefined);
    void lost.close(); // calls that still wait there fail, and are repeated
  }

  const withFallback: FallbackCall = async (engine, work) => {
    if (closed) throw closedError();
    return callWithFallback(engine, trusted.get, work, (failure) => {
      if (closed) throw failure;
      lose(failure.message);
    });
  };

  async function encode(image: PreparedImage, call?: CallOptions): Promise<ImageEmbedding> {
    const proven = encoder.proven();
    const embedding = await withFallback(proven, (engine) => engine.encode(image, call));
    if (!proven) encoder.prove(image, embedding);
    return embedding;
  }

  const withDecoder: SearchEngines["withDecoder"] = (work) => withFallback(decoder, work);
  return {
    ...eachEngineMethod((name, request, call) =>
      withDecoder((engine) => engineMethod(engine, name)(request, call)),
    ),
    ...createFallbackSearch({ encode, withDecoder, current: async () => decoder ?? trusted.current() }),
    encode,
    model: options.trusted.model,
    isOnDevice: (part) => (part === "decoder" ? decoder !== null : encoder.proven() !== undefined),
    lose,
    async close() {
      closed = true;
      encoder.leave();
      trusted.end();
      await decoder?.close();
    },
  };
}

type FallbackCall = <T>(
  engine: Engine | null | undefined,
  work: (engine: Engine, isDevice: boolean) => Promise<T>,
) => Promise<T>;

/**
 * Runs work on the device's engine, if there is one, and on the trusted engine if the device fails.
 *
 * @param leave called before the trusted engine is used
 */
async function callWithFallback<T>(
  engine: Engine | null | undefined,
  getTrusted: () => Promise<Engine>,
  work: (engine: Engine, isDevice: boolean) => Promise<T>,
  leave: (failure: SamError) => void,
): Promise<T> {
  if (engine) {
    try {
      return await work(engine, true);
    } catch (error) {
      if (!isFailure(error)) throw error;
      leave(error);
    }
  }
  return work(await getTrusted(), false);
}

/** Whether an error is the device's fault, not the caller's. */
function isFailure(error: unknown): error is SamError {
  return (
    error instanceof SamError && (error.code === "inference-failed" || error.code === "device-unavailable")
  );
}
