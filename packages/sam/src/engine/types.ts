/** The work of a model behind one interface: in this process, in a child process or in a worker. */

import type { Precision } from "@segany/graph";
import type { CallOptions } from "@segany/runtime";
import type { EverythingThresholds } from "../checkpoint/everything-thresholds.js";
import type { ModelIdentity } from "../embeddings/image-embedding.js";
import type { ModelIo } from "../model/model-io.js";
import type { EngineCalls } from "./methods.js";

/** Description of an open model. */
export interface ModelInfo extends ModelIdentity, ModelIo {
  /** The file or package it was read from. */
  readonly source: string;
  /** Name of its family, for example `sam`. */
  readonly family: string;
  /** The parameters of its network, in the family's own format: an `Architecture` for `sam`. */
  readonly architecture: unknown;
  readonly precision: Precision;
  /** Defaults of everything mode's thresholds, where they are kept with the weights. */
  readonly everythingThresholds?: EverythingThresholds;
}

/** Options of every call: `signal` stops it between steps, or soon if the work is in another process. */
export type EngineCallOptions = CallOptions;

/** Options of long work where the model is. */
export interface LongCallOptions<Progress> extends CallOptions<Progress> {
  /** Is awaited between steps: other work on the same device may be done meanwhile. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/**
 * The interface of all engines. `SamPredictor` uses `encode` and `decode`, `SamAutomaticMaskGenerator` the
 * others. Calls may overlap.
 */
export interface Engine extends EngineCalls {
  readonly model: ModelInfo;
  /** Closes sessions, files and processes; later calls fail. */
  close(): Promise<void>;
}
