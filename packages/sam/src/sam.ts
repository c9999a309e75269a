import type { Engine, ModelInfo } from "./engine/types.js";

/**
 * An open model, to use with {@link SamPredictor} or {@link SamAutomaticMaskGenerator}. Close it when done;
 * `await using sam = await loadSam()` does so automatically.
 */
export interface Sam {
  readonly model: ModelInfo;
  /**
   * The engine of the model. Use the predictor and the generator instead, unless you build similar classes.
   */
  readonly engine: Engine;
  /** Frees memory, files and the process. */
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
