import { randomUUID } from "node:crypto";
import type { WorkerEvent, WorkItem, WorkQueue } from "@segany/data-engine";
import type { BlobStore } from "../blobs/blob-store.js";
import { ServerError } from "../errors.js";
import type { WorkerPool } from "../inference/worker-pool.js";
import type { Limits } from "../options.js";
import { checkRoom } from "./check-room.js";
import { createJobCandidates } from "./job-candidates.js";
import { readJobMasks } from "./job-masks.js";
import type { JobQueue } from "./job-queue.js";
import { createJobWatches } from "./job-watches.js";
import { checkSegment, type SegmentServices } from "./run-segment.js";
import { createSharedJobWork } from "./run-shared-job.js";
import { EVERYTHING, itemIdOfJob, jobIdOfItem, type SharedJobWork } from "./shared-job.js";
import { createSharedJobReader } from "./shared-job-reader.js";

export interface SharedJobQueueOptions {
  /** Of the database that the servers share. */
  readonly queue: WorkQueue;
  /** The store that the servers share; masks of jobs are there. */
  readonly blobs: BlobStore;
  readonly pool: WorkerPool;
  readonly services: SegmentServices;
  readonly limits: Pick<
    Limits,
    "maxOpenJobs" | "maxPromptsPerJob" | "maxQueuedWork" | "maxQueuedWorkPerClient"
  >;
  /** Jobs that this server runs at the same time. */
  readonly concurrency: number;
  /** Milliseconds until others take the jobs of a server that is gone; 10,000 by default. */
  readonly leaseMs?: number;
  /** Tells the operator what goes wrong. */
  readonly report: (message: string) => void;
}

/** Somebody waits for a job: it goes before the embeddings of a task. */
const PRIORITY = 500;

/** Until progress and cancelling reach other servers. */
const HEARTBEAT_MS = 1000;

/**
 * Jobs of several servers, as work items in their database. A job is run by the server that took it if that
 * has room, else by the first that has. All servers know its state; the masks found so far, and its
 * candidates for other thresholds, are only where it runs.
 */
export async function openSharedJobQueue({
  queue: items,
  limits,
  report,
  leaseMs = 10_000,
  ...options
}: SharedJobQueueOptions): Promise<JobQueue> {
  const { blobs, pool, services, concurrency } = options;
  const { createBell, runWorker } = await import("@segany/data-engine");
  const candidates = createJobCandidates(pool, limits.maxOpenJobs);
  const { find, get, listOpen } = createSharedJobReader(items);
  const watches = createJobWatches(get, (id) => readJobMasks(blobs, id));
  const work = createSharedJobWork({ blobs, pool, services, candidates, tell: watches.tell });
  const ours: string[] = []; // items that were submitted here, to be claimed first
  const bell = createBell();
  const stop = new AbortController();

  function onEvent(event: WorkerEvent): void {
    if ("error" in event && event.type !== "lease-lost") report(faultOf(event));
    if (event.type === "queue-failed") return;
    const id = jobIdOfItem(event.item.id);
    if (event.type !== "started" && event.type !== "done") candidates.release(id);
    watches.look(id);
  }

  const running = runWorker(
    claimingFirst(ours, items),
    { [EVERYTHING]: work.handler },
    {
      ...{ worker: `server ${randomUUID()}`, signal: stop.signal, concurrency, bell, onEvent },
      ...{ leaseMs, heartbeatMs: HEARTBEAT_MS, drainMs: 0 },
    },
  );

  return {
    get,
    open: async () => (await listOpen()).length,
    async submit(imageId, request, { client, version } = {}) {
      checkSegment(request, limits);
      const open = await listOpen();
      const isTheirs = ({ payload }: WorkItem) => (payload as SharedJobWork).client === client;
      checkRoom(open.length, client === undefined ? 0 : open.filter(isTheirs).length, limits);
      const of = { ...(client !== undefined && { client }), ...(version !== undefined && { version }) };
      const payload: SharedJobWork = { imageId, request, ...of };
      const { id } = await items.submit({ kind: EVERYTHING, payload, priority: PRIORITY });
      ours.push(id);
      bell.ring();
      return get(jobIdOfItem(id));
    },
    async cancel(id) {
      await find(id);
      await items.cancel(itemIdOfJob(id)).catch((error: Error & { code?: string }) => {
        if (error.code !== "conflict") throw error; // it has ended
      });
      work.abort(id);
      watches.look(id);
      return get(id);
    },
    watch: watches.watch,
    async masks(id, selection, client) {
      const { state } = await get(id);
      if (state !== "done") throw new ServerError("not-found", `The job is ${state}; it has no masks yet.`);
      return Object.keys(selection).length === 0
        ? readJobMasks(blobs, id)
        : candidates.select(id, selection, client);
    },
    async close() {
      watches.close();
      stop.abort();
      await running;
    },
  };
}

function faultOf(event: WorkerEvent & { readonly error: unknown }): string {
  const { message } = event.error as Error;
  if (event.type === "queue-failed") return `The queue of jobs can't be used: ${message}`;
  const again = event.type === "dead" ? "and is given up" : "and is tried again";
  return `Job ${jobIdOfItem(event.item.id)} has failed, ${again}: ${message}`;
}

/** The queue, of which some items are claimed before all others. @param first their ids, taken from it */
function claimingFirst(first: string[], queue: WorkQueue): WorkQueue {
  return {
    ...queue,
    async claim(claim) {
      for (let id = first.shift(); id !== undefined; id = first.shift()) {
        const item = await queue.claim({ ...claim, item: id });
        if (item) return item; // else another server was quicker
      }
      return queue.claim(claim);
    },
  };
}
