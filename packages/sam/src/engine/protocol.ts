/** Messages between an engine's caller and the process or worker that does the work. */

import { SamError } from "@segany/masks";
import type { EngineNotice, Method } from "@segany/runtime";
import type { RemoteRequest } from "./embedding-references.js";
import type { EngineMethods } from "./methods.js";
import type { Engine, ModelInfo } from "./types.js";

/**
 * `load`, which must be called first, and the engine's methods. Embeddings in requests are sent by reference.
 */
export type EngineProtocol = {
  /** Opens a model from a platform's own description of it. */
  readonly load: Method<unknown, ModelInfo>;
} & {
  readonly [Name in keyof EngineMethods]: Method<
    RemoteRequest,
    EngineMethods[Name]["reply"],
    EngineMethods[Name]["progress"]
  >;
};

/** Loads an engine from a platform's own description of what to load. */
export type EngineLoader = (
  spec: unknown,
  signal: AbortSignal,
  notify: (notice: EngineNotice) => void,
) => Promise<Engine>;

export function cancelled(signal: AbortSignal | undefined): SamError {
  return new SamError("aborted", "The work was cancelled.", { cause: signal?.reason });
}
