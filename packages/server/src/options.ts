import type { WorkQueue } from "@segany/data-engine";
import type { LoadSamOptions } from "@segany/sam";
import type { OpenTextGrounderOptions } from "@segany/sam/text";
import type { BlobStore } from "./blobs/blob-store.js";
import type { LabelStudioAccess } from "./label-studio/fetch-image.js";

/** Receives log lines: JSON without the line break. */
export type LogSink = (line: string) => void;

/** How each worker opens the model. */
export interface WorkerModel
  extends Pick<
    LoadSamOptions,
    "checkpoint" | "lora" | "ignoreUnused" | "preprocessing" | "device" | "threads" | "precision"
  > {
  readonly name?: string | undefined;
  /** What finds the objects of words; the embedded detector by default. */
  readonly text?: TextModel | undefined;
}

/** Weights that understand words; see `openTextGrounder`. */
export type TextModel = Pick<OpenTextGrounderOptions, "checkpoint" | "projection" | "engine">;

/** Limits of a server. */
export interface Limits {
  /** Size of an uploaded file, bytes. */
  readonly maxUploadBytes: number;
  /** Size of an uploaded data set, bytes. */
  readonly maxSetBytes: number;
  /** Pixels of an image, read from its header before it is decoded. */
  readonly maxPixels: number;
  /** Size of a JSON body, bytes. */
  readonly maxBodyBytes: number;
  /** Size of all pending JSON bodies, bytes; half of it for one client. */
  readonly maxHeldBodyBytes: number;
  /** Concurrent uploads. */
  readonly maxUploads: number;
  /** Concurrent uploads of one client. */
  readonly maxUploadsPerClient: number;
  /** Concurrent event streams. */
  readonly maxEventStreams: number;
  /** Concurrent event streams of one client. */
  readonly maxEventStreamsPerClient: number;
  /** Concurrent streams that tell pages of a project's model; half of them for one client. */
  readonly maxModelStreams: number;
  /** Prompts waiting for a worker. */
  readonly maxQueuedClicks: number;
  /** Prompts of one client among them. */
  readonly maxQueuedClicksPerClient: number;
  /** Images waiting for a worker; and as many queued and running jobs. */
  readonly maxQueuedWork: number;
  /** Images of one client among them; and as many of its jobs. */
  readonly maxQueuedWorkPerClient: number;
  /** How long a prompt may wait before it is refused. */
  readonly maxWaitMs: number;
  /** Size of the embedding cache on disk, bytes; the least recently used embeddings are evicted. */
  readonly maxEmbeddingBytes: number;
  /** Finished jobs whose candidates are cached so that thresholds can be changed. */
  readonly maxOpenJobs: number;
  /** Prompts of one job: points in all crops. */
  readonly maxPromptsPerJob: number;
  /** Job records kept on disk. */
  readonly maxJobs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxUploadBytes: 64 * 2 ** 20,
  maxSetBytes: 8 * 2 ** 30,
  maxPixels: 100_000_000,
  maxBodyBytes: 16 * 2 ** 20,
  maxHeldBodyBytes: 128 * 2 ** 20,
  maxUploads: 8,
  maxUploadsPerClient: 4,
  maxEventStreams: 256,
  maxEventStreamsPerClient: 64,
  maxModelStreams: 512,
  maxQueuedClicks: 128,
  maxQueuedClicksPerClient: 64,
  maxQueuedWork: 512,
  maxQueuedWorkPerClient: 256,
  maxWaitMs: 20_000,
  maxEmbeddingBytes: 4 * 2 ** 30,
  maxOpenJobs: 4,
  maxPromptsPerJob: 65_536,
  maxJobs: 1000,
};

/** A proxy that signs people in, and names them to this server. */
export interface TrustedProxy {
  /** Name of the header with the person's name, in lower case. */
  readonly header: string;
  /** Addresses of the proxy; the header of any other peer is not looked at. */
  readonly addresses: readonly string[];
}

/** What several machines share beside the database; `@segany/cluster` has both. */
export interface Cluster {
  /** Opens the store of all files. @param copies empty, for copies of files on this machine */
  openBlobs(copies: BlobStore): Promise<BlobStore>;
  /** The queue of the database, or one whose workers learn in another way of what is due there. */
  dispatch(
    queue: WorkQueue,
    report: (message: string) => void,
  ): { readonly queue: WorkQueue; readonly close: () => Promise<void> };
}

export interface ServerOptions {
  /** Folder for images, embeddings, jobs and masks; created if missing. */
  readonly directory: string;
  readonly host?: string;
  /** 0 selects a free port. */
  readonly port?: number;
  /**
   * Token that clients must send, except for `/health` and `/ready`. Generated if missing and the address is
   * not loopback.
   */
  readonly token?: string | undefined;
  /**
   * Address of the data engine's PostgreSQL database, `postgres://…`; default is the file `engine.sqlite` in
   * the folder.
   */
  readonly databaseUrl?: string | undefined;
  /** What this server shares with others and with workers; images and embeddings are there. */
  readonly cluster?: Cluster | undefined;
  /** A proxy that signs people in and names them to the server. Without it, no header names anyone. */
  readonly trustedProxy?: TrustedProxy | undefined;
  /** A Label Studio that uses this server as its model, and whose images may be fetched. */
  readonly labelStudio?: LabelStudioAccess | undefined;
  /** Whether webhooks may be in private networks, and on this machine; false by default. */
  readonly privateWebhooks?: boolean | undefined;
  readonly model?: WorkerModel;
  /** Processes, each with its own model. With two or more, one is reserved for clicks. */
  readonly workers?: number;
  /** Folder with the studio's built files; without it, `/` explains how to build them. */
  readonly studioDirectory?: string | undefined;
  readonly limits?: Partial<Limits>;
  readonly logLevel?: "fatal" | "error" | "warn" | "info" | "debug" | "silent";
  /** Receives each line of the log, JSON without its line break; default is standard output. */
  readonly log?: LogSink | undefined;
}
