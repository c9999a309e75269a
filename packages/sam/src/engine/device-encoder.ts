import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { checkSameEmbedding } from "./device-check.js";
import { refusalOf } from "./prefer-engine.js";
import type { Engine } from "./types.js";

/** Opens an engine; its signal is aborted when that takes too long, or is no longer needed. */
export type EngineOpener = (signal: AbortSignal) => Promise<Engine>;

/** An image encoder on another device, which is verified before it is used. */
export interface DeviceEncoder {
  /** The engine, once verified. */
  proven(): Engine | undefined;
  /**
   * Verifies the encoder with an image whose embedding is known, unless it is already verified or rejected.
   */
  prove(image: PreparedImage, expected: ImageEmbedding): void;
  /** Rejects the encoder for good. */
  leave(): void;
}

export interface DeviceEncoderOptions {
  /** Opens the engine; null if the model has no encoder. */
  readonly open: EngineOpener | null;
  /** Time limit until it has encoded its first image. */
  readonly timeoutMs: number;
  readonly onProven: () => void;
  /** @param refusal reason for people */
  readonly onRefused: (refusal: string) => void;
}

type State =
  | { readonly kind: "unproven"; readonly open: EngineOpener }
  | { readonly kind: "tried"; readonly stop: AbortController }
  | { readonly kind: "proven"; readonly engine: Engine }
  | { readonly kind: "refused" };

export function createDeviceEncoder(options: DeviceEncoderOptions): DeviceEncoder {
  const { open, timeoutMs, onProven, onRefused } = options;
  let state: State = open ? { kind: "unproven", open } : { kind: "refused" };

  async function tryIt(open: EngineOpener, image: PreparedImage, expected: ImageEmbedding): Promise<void> {
    const stop = new AbortController();
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([stop.signal, deadline]);
    state = { kind: "tried", stop };
    let engine: Engine | undefined;
    try {
      engine = await open(signal);
      checkSameEmbedding(await engine.encode(image, { signal }), expected);
      signal.throwIfAborted();
      state = { kind: "proven", engine };
      onProven();
    } catch (error) {
      await engine?.close();
      if (stop.signal.aborted) return;
      state = { kind: "refused" };
      onRefused(refusalOf(error, deadline, timeoutMs));
    }
  }

  return {
    proven: () => (state.kind === "proven" ? state.engine : undefined),
    prove(image, expected) {
      if (state.kind === "unproven") void tryIt(state.open, image, expected);
    },
    leave() {
      if (state.kind === "tried") state.stop.abort();
      if (state.kind === "proven") void state.engine.close();
      state = { kind: "refused" };
    },
  };
}
