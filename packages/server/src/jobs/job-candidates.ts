import type { SelectionQuery } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import type { Worker } from "../inference/worker-process.js";
import { createLruMap } from "../lru-map.js";

const click = { priority: () => PRIORITY.click } as const;

/** The candidates of recent jobs, by worker, so that thresholds can be changed without decoding again. */
export interface JobCandidates {
  hold(jobId: string, worker: Worker): void;
  release(jobId: string): void;
  /** @throws ServerError `gone` */
  select(jobId: string, selection: SelectionQuery, client: string | undefined): Promise<MaskList>;
}

/**
 * Creates the cache. @param maxJobs the candidates of the least recently used job are evicted beyond this
 * number
 */
export function createJobCandidates(pool: WorkerPool, maxJobs: number): JobCandidates {
  const release = ({ jobId, worker }: { jobId: string; worker: Worker }) =>
    // its process has ended
    void pool.call("release", { jobId }, { ...click, worker }).catch(() => undefined);
  const holders = createLruMap<string, { jobId: string; worker: Worker }>(maxJobs, release);
  return {
    hold: (jobId, worker) => holders.set(jobId, { jobId, worker }),
    release(jobId) {
      const holder = holders.delete(jobId);
      if (holder) release(holder);
    },
    async select(jobId, selection, client) {
      const holder = holders.get(jobId);
      if (!holder)
        throw new ServerError("gone", "The candidates of this job were evicted; run everything mode again.");
      return pool.call(
        "select",
        { jobId, selection: definedOnly(selection) },
        { ...click, client, worker: holder.worker },
      );
    },
  };
}

function definedOnly<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
