import type { LoadSamOptions } from "@segany/sam";

/** Where log lines go: JSON without the line break. */
export type LogSink = (line: string) => void;

/** How the model is opened in each worker. */
export interface WorkerModel extends Pick<LoadSamOptions, "checkpoint" | "device" | "threads" | "precision"> {
  readonly name?: string | undefined;
}

/** What a server may be asked for at most. */
export interface Limits {
  /** Bytes of an uploaded file. */
  readonly maxUploadBytes: number;
  /** Pixels of an image, checked in its header before anything is decoded. */
  readonly maxPixels: number;
  /** Bytes of a JSON body. */
  readonly maxBodyBytes: number;
  /** Bytes of JSON bodies that are under way at the same time; one client has half of it. */
  readonly maxHeldBodyBytes: number;
  /** Uploads that are received at the same time. */
  readonly maxUploads: number;
  /** Uploads of one client among them. */
  readonly maxUploadsPerClient: number;
  /** Streams of events that are open at the same time. */
  readonly maxEventStreams: number;
  /** Streams of one client among them. */
  readonly maxEventStreamsPerClient: number;
  /** Prompts that wait for a worker. */
  readonly maxQueuedClicks: number;
  /** Images and jobs that wait for a worker. */
  readonly maxQueuedWork: number;
  /** How long a prompt may wait before it is turned away. */
  readonly maxWaitMs: number;
  /** Bytes of embeddings on disk; the least recently used go first. */
  readonly maxEmbeddingBytes: number;
  /** Finished jobs whose candidates are kept so that thresholds can be moved. */
  readonly maxOpenJobs: number;
  /** Prompts of one job: its points, in all crops. */
  readonly maxPromptsPerJob: number;
  /** Job records that are remembered. */
  readonly maxJobs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxUploadBytes: 64 * 2 ** 20,
  maxPixels: 100_000_000,
  maxBodyBytes: 16 * 2 ** 20,
  maxHeldBodyBytes: 128 * 2 ** 20,
  maxUploads: 8,
  maxUploadsPerClient: 4,
  maxEventStreams: 256,
  maxEventStreamsPerClient: 64,
  maxQueuedClicks: 64,
  maxQueuedWork: 256,
  maxWaitMs: 20_000,
  maxEmbeddingBytes: 4 * 2 ** 30,
  maxOpenJobs: 4,
  maxPromptsPerJob: 65_536,
  maxJobs: 1000,
};

export interface ServerOptions {
  /** Where pictures, embeddings, jobs and masks are kept; made where missing. */
  readonly directory: string;
  readonly host?: string;
  /** 0: any free one. */
  readonly port?: number;
  /** Required by everything but `/health` and `/ready`; an address beyond this machine is not served without one. */
  readonly token?: string | undefined;
  readonly model?: WorkerModel;
  /** Processes with a model each. From two on, one of them is kept free for clicks. */
  readonly workers?: number;
  /** Folder with the studio's built files; without it, `/` tells how to build them. */
  readonly studioDirectory?: string | undefined;
  readonly limits?: Partial<Limits>;
  readonly logLevel?: "fatal" | "error" | "warn" | "info" | "debug" | "silent";
  /** Takes each line of the log, JSON without its line break; standard output when left out. */
  readonly log?: LogSink | undefined;
}
