/** What the server and a worker process say to each other. */

import type { Size } from "@segany/masks";
import type { MaskGeneratorOptions, ModelInfo, SelectionOptions } from "@segany/sam";
import type { ApiErrorCode } from "../contract/errors.js";
import type { JobProgress } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import type { PredictRequest, PredictResponse } from "../contract/predict.js";
import type { WorkerModel } from "../options.js";

/** The calls that a worker answers, each with what it takes and gives. */
export interface WorkerCalls {
  /** Opens the model. */
  readonly start: { readonly input: WorkerModel; readonly output: WorkerStarted };
  /** Encodes a picture and writes its embedding in both forms to the paths. */
  readonly encode: { readonly input: EncodeTask; readonly output: Size };
  readonly predict: { readonly input: PredictTask; readonly output: PredictResponse };
  /** Everything mode; the candidates stay in the worker under the job's id until `release`. */
  readonly segment: { readonly input: SegmentTask; readonly output: MaskList };
  readonly select: { readonly input: SelectTask; readonly output: MaskList };
  readonly release: { readonly input: { readonly jobId: string }; readonly output: undefined };
}

export type WorkerMethod = keyof WorkerCalls;

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

export type ToWorker =
  | { readonly kind: "call"; readonly id: number; readonly method: WorkerMethod; readonly input: unknown }
  | { readonly kind: "cancel"; readonly id: number };

export type FromWorker =
  | { readonly kind: "result"; readonly id: number; readonly output: unknown }
  | { readonly kind: "event"; readonly id: number; readonly event: WorkerEvent }
  | {
      readonly kind: "error";
      readonly id: number;
      readonly code: ApiErrorCode;
      readonly message: string /** Of a fault of the server's own: what happened, with its stack. */;
      readonly cause?: string;
    };
