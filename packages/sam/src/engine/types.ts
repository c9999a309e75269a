/** The work that a model does, behind one interface: in this process, in a child process or in a worker. */

import type { Precision } from "@segany/graph";
import type { CallOptions } from "@segany/runtime";
import type { ModelIdentity } from "../embeddings/image-embedding.js";
import type { ModelIo } from "../model/model-io.js";
import type { EngineCalls } from "./methods.js";

/** A model that has been opened. */
export interface ModelInfo extends ModelIdentity, ModelIo {
  /** The file it was read from, or the package. */
  readonly source: string;
  /** Name of the family that it is of, such as `sam`. */
  readonly family: string;
  /** The numbers of its network, which its family alone can read: an `Architecture` where that is `sam`. */
  readonly architecture: unknown;
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
