import type { Engine, ModelInfo } from "./engine/types.js";

/**
 * A model that is ready to be asked, through {@link SamPredictor} or {@link SamAutomaticMaskGenerator}. Close it when
 * done; `await using sam = await loadSam()` does so by itself.
 */
export interface Sam {
  readonly model: ModelInfo;
  /** The work behind it; use the predictor and the generator instead, unless you build their like. */
  readonly engine: Engine;
  /** Gives back memory, files and the process behind it. */
  close(): Promise<void>;
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Wraps an engine. */
export function createSam(engine: Engine): Sam {
  return {
    model: engine.model,
    engine,
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
