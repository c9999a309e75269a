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

/** The engines that it chooses between. */
export interface FallbackEngineOptions {
  /** Runs anywhere, and is open. Closed when it has no more work. */
  readonly trusted: Engine;
  /** Opens it again. */
  readonly openTrusted: () => Promise<Engine>;
  /** On another device; its decoder has proved right. */
  readonly decoder: Engine;
  /** Opens a further engine there, for the encoder; null where the model has none. */
  readonly openEncoder: EngineOpener | null;
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

/**
 * Works on another device for as long as that does, and on the trusted engine afterwards: what was under way when
 * the device failed is done again there, candidates included, so that callers only wait longer.
 *
 * Images are encoded by the trusted engine until the device has given the same embedding of the first one: nobody waits
 * for the proof. It has an engine of its own, so that prompts don't wait for it either.
 */
export function createFallbackEngine(options: FallbackEngineOptions): FallbackEngine {
  const { openEncoder, timeoutMs, device, onNote } = options;
  const trusted = createTrustedEngine(options.trusted, options.openTrusted);
  const encoder = createDeviceEncoder({
    open: openEncoder,
    timeoutMs,
    onProven: trusted.close,
    onRefused: (refusal) => onNote(`${device} encodes no images (${refusal}); WebAssembly does.`),
  });
  let decoder: Engine | null = options.decoder;
  let closed = false;
  if (!openEncoder) trusted.close();

  function lose(reason: string): void {
    if (!decoder || closed) return;
    const lost = decoder;
    decoder = null;
    encoder.leave();
    onNote(`${device} has failed (${reason}); the model runs on WebAssembly from now on.`);
    // Opened before it is asked, for somebody is about to; whoever asks hears of a failure.
    void trusted.get().catch(() => undefined);
    void lost.close(); // calls that still wait there fail, and are made again
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
 * Does work on an engine of the device, where there is one, and on the trusted engine where the device fails.
 *
 * @param leave called before the trusted engine is asked
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

/** What a device that does not work says, rather than a caller's mistake or wish. */
function isFailure(error: unknown): error is SamError {
  return (
    error instanceof SamError && (error.code === "inference-failed" || error.code === "device-unavailable")
  );
}
