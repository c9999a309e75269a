import type { Engine, ModelInfo } from "./engine/types.js";

/**
 * A model that is ready to be asked, through {@link SamPredictor} or {@link SamAutomaticMaskGenerator}. Close it when
 * done; `await using sam = await loadSam()` does so by itself.
 */
export interface Sam {
  readonly model: ModelInfo;
  /** The work behind it; use the predictor and the generator instead, unless you build their like. */
  readonly engine: Engine;
  close(): Promise<void>;
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
