/** The work that a model does, behind one interface: in this process, in a child process or in a worker. */

import type { Precision } from "@segany/graph";
import type { CallOptions } from "@segany/runtime";
import type { ModelIdentity } from "../embeddings/image-embedding.js";
import type { Architecture } from "../families/sam/architecture.js";
import type { EngineCalls } from "./methods.js";

/** A model that has been opened. */
export interface ModelInfo extends ModelIdentity {
  /** The file it was read from, or the package. */
  readonly source: string;
  readonly architecture: Architecture;
  readonly precision: Precision;
}

/** What every call takes: `signal` stops it between steps, or soon where the work is in another process. */
export type EngineCallOptions = CallOptions;

/** `SamPredictor` uses `encode` and `decode`, `SamAutomaticMaskGenerator` the others. Calls may overlap. */
export interface Engine extends EngineCalls {
  readonly model: ModelInfo;
  /** Ends sessions, files and processes behind it; calls fail afterwards. */
  close(): Promise<void>;
}
