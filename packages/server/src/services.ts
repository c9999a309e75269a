import type { BlobStore } from "./blobs/blob-store.js";
import type { Engine } from "./database/open-engine.js";
import type { ClassStore } from "./images/class-store.js";
import type { ImageStore } from "./images/image-store.js";
import type { ImageWorker } from "./images/image-worker.js";
import type { KeptMaskStore } from "./images/kept-mask-store.js";
import type { Renditions } from "./images/renditions.js";
import type { WorkerPool } from "./inference/worker-pool.js";
import type { JobQueue } from "./jobs/job-queue.js";
import type { ServedModels } from "./models/served-models.js";
import type { Limits } from "./options.js";

/** The services behind the routes. They hold all state of the server. */
export interface Services {
  readonly blobs: BlobStore;
  readonly images: ImageStore;
  readonly keptMasks: KeptMaskStore;
  readonly classes: ClassStore;
  readonly imageWorker: ImageWorker;
  readonly renditions: Renditions;
  /** The server's model and the versions of projects' models, with their embeddings. */
  readonly models: ServedModels;
  readonly jobs: JobQueue;
  readonly pool: WorkerPool;
  /** The data engine, opened when it is first needed. */
  readonly engine: Engine;
  readonly limits: Limits;
  /** Aborted on shutdown: open streams end, and new requests are refused. */
  readonly stopping: AbortSignal;
}
