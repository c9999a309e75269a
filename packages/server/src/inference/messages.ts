/** Methods of a worker process; see @segany/runtime for the protocol. */

import type { Size } from "@segany/masks";
import type { Method } from "@segany/runtime";
import type { MaskGeneratorOptions, ModelInfo, SelectionOptions } from "@segany/sam";
import type { JobProgress } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import type { PredictRequest, PredictResponse } from "../contract/predict.js";
import type { WorkerModel } from "../options.js";

/** What a worker can do: each method with its request, reply and progress. */
export interface WorkerMethods {
  /** Opens the model. */
  readonly start: Method<WorkerModel, WorkerStarted>;
  /** Opens a version of a project's model, beside the server's. */
  readonly describe: Method<VersionModel, WorkerStarted>;
  /** Encodes an image and writes its embedding to the paths, as float32 and as float16. */
  readonly encode: Method<EncodeTask, Size>;
  readonly predict: Method<PredictTask, PredictResponse>;
  /** Runs everything mode. The candidates stay in the worker under the job's id until `release`. */
  readonly segment: Method<SegmentTask, MaskList, WorkerEvent>;
  readonly select: Method<SelectTask, MaskList>;
  readonly release: Method<{ readonly jobId: string }, undefined>;
}

export type WorkerMethod = keyof WorkerMethods;

/** The opened model, and the decoder's weights as a `.safetensors` file. */
export interface WorkerStarted {
  readonly model: ModelInfo;
  readonly decoderWeights: Uint8Array;
}

/** A version of a project's model. Work that names none is done with the server's model. */
export interface VersionModel {
  /** SHA-256 of its checkpoint. */
  readonly checkpoint: string;
  readonly opening: WorkerModel;
}

export interface EncodeTask {
  readonly version?: VersionModel | undefined;
  readonly imagePath: string;
  readonly maxPixels: number;
  /** Output path of the embedding, `.safetensors`. */
  readonly float32Path: string;
  /** Output path of its values as float16, without metadata. */
  readonly float16Path: string;
}

export interface PredictTask {
  /** The embedding may be of another version with the same image encoder. */
  readonly version?: VersionModel | undefined;
  /** Key of the embedding among those that the worker caches in memory. */
  readonly imageId: string;
  readonly embeddingPath: string;
  readonly request: PredictRequest;
  /** The image, which a prompt with text needs. */
  readonly pixels?: ImageFile;
}

/** An image to read. */
export interface ImageFile {
  readonly imagePath: string;
  readonly maxPixels: number;
}

export interface SegmentTask {
  readonly version?: VersionModel | undefined;
  readonly jobId: string;
  readonly imagePath: string;
  readonly maxPixels: number;
  readonly embeddingPath: string;
  readonly options: MaskGeneratorOptions;
  readonly floor: { readonly predIouThresh: number; readonly stabilityScoreThresh: number };
}

export interface SelectTask {
  readonly jobId: string;
  readonly selection: SelectionOptions;
}

/** Progress of a running `segment`. */
export type WorkerEvent =
  | { readonly event: "progress"; readonly data: JobProgress }
  | { readonly event: "masks"; readonly data: MaskList };
