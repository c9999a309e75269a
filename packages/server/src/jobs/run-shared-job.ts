import type { WorkHandler } from "@segany/data-engine";
import type { BlobStore } from "../blobs/blob-store.js";
import type { JobEvent, JobProgress } from "../contract/jobs.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import type { WorkerPool } from "../inference/worker-pool.js";
import { jobKeys } from "../records/job-record.js";
import type { JobCandidates } from "./job-candidates.js";
import { jobErrorOf } from "./job-error.js";
import { runSegment, type SegmentServices } from "./run-segment.js";
import { isPassingJobError, jobIdOfItem, type SharedJobResult, type SharedJobWork } from "./shared-job.js";

interface SharedJobOptions {
  readonly blobs: BlobStore;
  readonly pool: WorkerPool;
  readonly services: SegmentServices;
  readonly candidates: JobCandidates;
  /** Tells those who watch the job on this server. */
  readonly tell: (id: string, event: JobEvent) => void;
}

/** What a server does of the jobs that it shares with others. */
export interface SharedJobRunner {
  readonly handler: WorkHandler;
  /** Stops a job that runs here, which was cancelled. */
  abort(id: string): void;
}

export function createSharedJobWork(options: SharedJobOptions): SharedJobRunner {
  const { blobs, pool, services, candidates, tell } = options;
  const running = new Map<string, AbortController>();

  const handler: WorkHandler = async ({ id: item, payload }, run) => {
    const id = jobIdOfItem(item);
    const { client, ...task } = payload as SharedJobWork;
    const controller = new AbortController();
    running.set(id, controller);
    let progress: JobProgress | undefined;
    try {
      const masks = await runSegment(id, task, pool, services, {
        client,
        signal: AbortSignal.any([run.signal, controller.signal]),
        onBegin: (worker) => candidates.hold(id, worker),
        onEvent(event) {
          tell(id, event);
          if (event.event !== "progress") return;
          progress = event.data;
          run.progress(progress);
        },
      });
      await blobs.put(jobKeys.masks(id), JSON.stringify(masks));
      const result = { masks: masks.masks.length, ...(progress && { progress }) } satisfies SharedJobResult;
      return async () => result;
    } catch (error) {
      const fault = apiErrorOf(error);
      if (run.signal.aborted || controller.signal.aborted || isPassingJobError(fault)) throw fault;
      return async () => ({ error: jobErrorOf(fault) }) satisfies SharedJobResult;
    } finally {
      running.delete(id);
    }
  };

  return { handler, abort: (id) => running.get(id)?.abort() };
}
