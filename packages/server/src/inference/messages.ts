/** What the server asks of a worker process; see @segany/runtime for how it is asked. */

import type { Size } from "@segany/masks";
import type { Method } from "@segany/runtime";
import type { MaskGeneratorOptions, ModelInfo, SelectionOptions } from "@segany/sam";
import type { JobProgress } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import type { PredictRequest, PredictResponse } from "../contract/predict.js";
import type { WorkerModel } from "../options.js";

/** What a worker does: each method with its request, its reply, and what it tells meanwhile. */
export interface WorkerMethods {
  /** Opens the model. */
  readonly start: Method<WorkerModel, WorkerStarted>;
  /** Encodes a picture and writes its embedding in both forms to the paths. */
  readonly encode: Method<EncodeTask, Size>;
  readonly predict: Method<PredictTask, PredictResponse>;
  /** Everything mode; the candidates stay in the worker under the job's id until `release`. */
  readonly segment: Method<SegmentTask, MaskList, WorkerEvent>;
  readonly select: Method<SelectTask, MaskList>;
  readonly release: Method<{ readonly jobId: string }, undefined>;
}

export type WorkerMethod = keyof WorkerMethods;

/** `decoderPath` is a temporary file with the decoder's weights. */
export interface WorkerStarted {
  readonly model: ModelInfo;
  readonly decoderWeights: Uint8Array;
}

export interface EncodeTask {
  readonly picturePath: string;
  readonly maxPixels: number;
  /** Where the embedding goes: `.safetensors`. */
  readonly float32Path: string;
  /** Where its values go as bare half floats. */
  readonly float16Path: string;
}

export interface PredictTask {
  /** Names the embedding among those the worker holds in memory. */
  readonly imageId: string;
  readonly embeddingPath: string;
  readonly request: PredictRequest;
}

export interface SegmentTask {
  readonly jobId: string;
  readonly picturePath: string;
  readonly maxPixels: number;
  readonly embeddingPath: string;
  readonly options: MaskGeneratorOptions;
  readonly floor: { readonly predIouThresh: number; readonly stabilityScoreThresh: number };
}

export interface SelectTask {
  readonly jobId: string;
  readonly selection: SelectionOptions;
}

/** What a running `segment` tells. */
export type WorkerEvent =
  | { readonly event: "progress"; readonly data: JobProgress }
  | { readonly event: "masks"; readonly data: MaskList };
