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

/** A job that has ended its worker so often fails: it is the job's fault, and others need the workers. */
export const MAX_ATTEMPTS = 3;

/** Before the first attempt to write again; twice as long before each one after. */
const FIRST_WRITE_DELAY_MS = 250;
const LONGEST_WRITE_DELAY_MS = 30_000;

/** Until work that was refused for now is asked for again, where the refusal doesn't say. */
const ASK_AGAIN_S = 5;

/** What goes wrong beside requests. */
export type ReportFault = (message: string, error: unknown) => void;

export interface RunnerOptions {
  readonly table: JobTable;
  readonly candidates: JobCandidates;
  readonly blobs: BlobStore;
  readonly pool: WorkerPool;
  readonly services: SegmentServices;
  readonly report: ReportFault;
}

/** Runs a job to its end, which is written down before it is told. Never fails; stops when the job's signal fires. */
export async function runJob(options: RunnerOptions, entry: JobEntry): Promise<void> {
  if (hasEnded(entry.record.job)) return;
  await runToEnd(options, entry).catch(() => undefined); // the signal fired while it waited to write
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
    if (entry.controller.signal.aborted) return; // cancelled, or to be run again by the next server
    const fault = apiErrorOf(error);
    if (fault.code === "internal") report(`Job ${id} failed.`, fault.cause ?? fault);
    await persist(entry, report, () => table.end(entry, { state: "failed", error: jobErrorOf(fault) }));
  }
}

/** Runs it again where its worker was killed, and asks again where it was refused for now. */
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
        options.table.countAttempt(entry, 1).catch(() => undefined); // it counts as long as this server lives
      });
    } catch (error) {
      const reason = apiErrorOf(error);
      if (signal.aborted || !isPassing(reason)) throw reason;
      lost = reason instanceof WorkerLostError ? reason : undefined;
      if (lost && attempts === before) attempts++; // while its image was encoded
      backToQueue(options, entry);
      const delayMs = lost ? 0 : 1000 * (reason.retryAfterS ?? ASK_AGAIN_S); // the pool waits for the next worker
      await sleep(delayMs, undefined, { signal });
    }
  }
}

/** One run on a worker. */
async function attempt(
  { table, candidates, pool, services }: RunnerOptions,
  entry: JobEntry,
  onBegin: () => void,
): Promise<MaskList> {
  const { id } = entry.record.job;
  return runSegment(id, entry.record, pool, services, {
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

/** Writes until it is written: a full disk holds a result up and doesn't lose it. */
async function persist(entry: JobEntry, report: ReportFault, write: () => Promise<void>): Promise<void> {
  const { id } = entry.record.job;
  for (let delayMs = FIRST_WRITE_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_WRITE_DELAY_MS)) {
    try {
      return await write();
    } catch (error) {
      const isFirst = delayMs === FIRST_WRITE_DELAY_MS;
      if (isFirst) report(`The end of job ${id} can't be written yet; it is tried again.`, error);
    }
    await sleep(delayMs, undefined, { signal: entry.controller.signal });
  }
}

/** What is refused now and may not be later. */
function isPassing({ code }: ServerError): boolean {
  return code === "overloaded" || code === "too-many-requests" || code === "storage-full";
}

function tooOften(attempts: number, lost: WorkerLostError | undefined): ServerError {
  const how = lost ? `the model's process ended (${lost.how})` : "the server ended";
  return new ServerError(
    "internal",
    `The job was begun ${attempts} times, and each time ${how} in its middle. The image or the settings may need ` +
      "more memory than there is: try fewer points or crops, or a smaller image.",
  );
}
