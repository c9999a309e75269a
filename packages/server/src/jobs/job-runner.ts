import { setTimeout as sleep } from "node:timers/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import type { MaskList } from "../contract/masks.js";
import { ServerError, WorkerLostError } from "../errors.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import type { WorkerPool } from "../inference/worker-pool.js";
import { hasEnded, jobKeys } from "../records/job-record.js";
import type { JobCandidates } from "./job-candidates.js";
import { jobErrorOf } from "./job-error.js";
import type { JobEntry, JobTable } from "./job-table.js";
import { runSegment, type SegmentServices } from "./run-segment.js";

/**
 * Attempts after which a job that kills its worker fails: the job is at fault, and others need the workers.
 */
export const MAX_ATTEMPTS = 3;

/** Delay before the first retry of a write; doubled before each further one. */
const FIRST_WRITE_DELAY_MS = 250;
const LONGEST_WRITE_DELAY_MS = 30_000;

/** Delay before a refused task is retried, if the error has none. */
const ASK_AGAIN_S = 5;

/** Reports an error that belongs to no request. */
export type ReportFault = (message: string, error: unknown) => void;

export interface RunnerOptions {
  readonly table: JobTable;
  readonly candidates: JobCandidates;
  readonly blobs: BlobStore;
  readonly pool: WorkerPool;
  readonly services: SegmentServices;
  readonly report: ReportFault;
}

/**
 * Runs a job to its end. The end is written to disk before it is reported. Never throws; stops when the job's
 * signal is aborted.
 */
export async function runJob(options: RunnerOptions, entry: JobEntry): Promise<void> {
  if (hasEnded(entry.record.job)) return;
  await runToEnd(options, entry).catch(() => undefined); // aborted while waiting to write
}

async function runToEnd(options: RunnerOptions, entry: JobEntry): Promise<void> {
  const { table, candidates, blobs, report } = options;
  const { id } = entry.record.job;
  try {
    const masks = await findMasks(options, entry);
    await persist(entry, report, () => blobs.put(jobKeys.masks(id), JSON.stringify(masks)));
    table.tell(entry, { event: "masks", data: masks });
    await persist(entry, report, () => table.end(entry, { state: "done", masks: masks.masks.length }));
  } catch (error) {
    candidates.release(id);
    if (entry.controller.signal.aborted) return; // cancelled, or to be run again after a restart
    const fault = apiErrorOf(error);
    if (fault.code === "internal") report(`Job ${id} failed.`, fault.cause ?? fault);
    await persist(entry, report, () => table.end(entry, { state: "failed", error: jobErrorOf(fault) }));
  }
}

/** Runs a job, and retries it if its worker was killed or the work was refused temporarily. */
async function findMasks(options: RunnerOptions, entry: JobEntry): Promise<MaskList> {
  const { signal } = entry.controller;
  let { attempts } = entry.record;
  let lost: WorkerLostError | undefined;
  for (;;) {
    if (attempts >= MAX_ATTEMPTS) throw tooOften(attempts, lost);
    const before = attempts;
    try {
      return await attempt(options, entry, () => {
        attempts++;
        // it counts in memory until the server ends
        options.table.countAttempt(entry, 1).catch(() => undefined);
      });
    } catch (error) {
      const reason = apiErrorOf(error);
      if (signal.aborted || !isPassing(reason)) throw reason;
      lost = reason instanceof WorkerLostError ? reason : undefined;
      if (lost && attempts === before) attempts++; // while its image was encoded
      backToQueue(options, entry);
      // the pool waits for the next worker
      const delayMs = lost ? 0 : 1000 * (reason.retryAfterS ?? ASK_AGAIN_S);
      await sleep(delayMs, undefined, { signal });
    }
  }
}

/** One attempt on a worker. Every job is of kind `segment`. */
async function attempt(
  { table, candidates, pool, services }: RunnerOptions,
  entry: JobEntry,
  onBegin: () => void,
): Promise<MaskList> {
  const { job, request, version } = entry.record;
  const { id, imageId } = job;
  return runSegment(id, { imageId, request, version }, pool, services, {
    client: entry.client,
    signal: entry.controller.signal,
    onBegin(worker) {
      candidates.hold(id, worker);
      entry.running = {};
      onBegin();
      table.tell(entry, { event: "state", data: table.describe(entry) });
    },
    onEvent(event) {
      const news = event.event === "progress" ? { progress: event.data } : { found: event.data };
      entry.running = { ...entry.running, ...news };
      table.tell(entry, event);
    },
  });
}

function backToQueue({ table, candidates }: RunnerOptions, entry: JobEntry): void {
  candidates.release(entry.record.job.id);
  entry.running = undefined;
  table.tell(entry, { event: "state", data: table.describe(entry) });
}

/** Retries a write until it succeeds: a full disk delays a result but does not lose it. */
async function persist(entry: JobEntry, report: ReportFault, write: () => Promise<void>): Promise<void> {
  const { id } = entry.record.job;
  for (let delayMs = FIRST_WRITE_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_WRITE_DELAY_MS)) {
    try {
      return await write();
    } catch (error) {
      const isFirst = delayMs === FIRST_WRITE_DELAY_MS;
      if (isFirst) report(`The end of job ${id} can't be written yet; retrying.`, error);
    }
    await sleep(delayMs, undefined, { signal: entry.controller.signal });
  }
}

/** Whether an error is temporary. */
function isPassing({ code }: ServerError): boolean {
  return code === "overloaded" || code === "too-many-requests" || code === "storage-full";
}

function tooOften(attempts: number, lost: WorkerLostError | undefined): ServerError {
  const how = lost ? `the model's process ended (${lost.how})` : "the server ended";
  return new ServerError(
    "internal",
    `The job was started ${attempts} times, and each time ${how} before it was done. The image or the settings may need ` +
      "more memory than available: try fewer points or crops, or a smaller image.",
  );
}
