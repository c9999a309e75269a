import { randomBytes } from "node:crypto";
import type { BlobStore } from "../blobs/blob-store.js";
import type { JobEvent } from "../contract/jobs.js";
import { ServerError } from "../errors.js";
import type { WorkerPool } from "../inference/worker-pool.js";
import type { Limits } from "../options.js";
import { hasEnded } from "../records/job-record.js";
import { checkRoom } from "./check-room.js";
import { createJobCandidates } from "./job-candidates.js";
import { readJobMasks } from "./job-masks.js";
import type { JobQueue } from "./job-queue.js";
import { type ReportFault, runJob } from "./job-runner.js";
import { type JobEntry, type JobTable, openJobTable } from "./job-table.js";
import { checkSegment, type SegmentServices } from "./run-segment.js";

export interface LocalJobQueueOptions {
  readonly pool: WorkerPool;
  readonly services: SegmentServices;
  readonly limits: Pick<
    Limits,
    "maxJobs" | "maxOpenJobs" | "maxPromptsPerJob" | "maxQueuedWork" | "maxQueuedWorkPerClient"
  >;
  readonly report: ReportFault;
}

/** Opens the jobs in the data folder; unfinished jobs run again. */
export async function openLocalJobQueue(
  blobs: BlobStore,
  { pool, services, limits, report }: LocalJobQueueOptions,
): Promise<JobQueue> {
  const table = await openJobTable(blobs, limits.maxJobs);
  const candidates = createJobCandidates(pool, limits.maxOpenJobs);
  const run = (entry: JobEntry) => void runJob({ table, candidates, blobs, pool, services, report }, entry);
  const submitting: (string | undefined)[] = []; // their clients
  const openOf = (client?: string) => {
    const ours = submitting.filter((other) => client === undefined || other === client);
    return table.open(client) + ours.length;
  };

  for (const entry of table.entries.values()) run(entry);
  return {
    open: async () => table.open(),
    get: async (id) => table.describe(table.find(id)),
    async submit(imageId, request, { client, version } = {}) {
      checkSegment(request, limits);
      checkRoom(openOf(), client === undefined ? 0 : openOf(client), limits);
      submitting.push(client);
      try {
        const entry = await table.add(
          { job: newJob(imageId), request, ...(version !== undefined && { version }), attempts: 0 },
          client,
        );
        run(entry);
        return table.describe(entry);
      } finally {
        submitting.splice(submitting.indexOf(client), 1);
      }
    },
    async cancel(id) {
      const entry = table.find(id);
      await table.end(entry, { state: "cancelled" });
      entry.controller.abort();
      return table.describe(entry);
    },
    watch: async (id, listener) => watch(table, table.find(id), listener),
    async masks(id, selection, client) {
      const { state } = table.describe(table.find(id));
      if (state !== "done") throw new ServerError("not-found", `The job is ${state}; it has no masks yet.`);
      return Object.keys(selection).length === 0
        ? readJobMasks(blobs, id)
        : candidates.select(id, selection, client);
    },
    async close() {
      const entries = [...table.entries.values()];
      const begun = entries.filter(({ running }) => running);
      for (const { controller, listeners } of entries) {
        controller.abort();
        listeners.clear();
      }
      // A regular shutdown is not the job's fault.
      await Promise.allSettled(begun.map((entry) => table.countAttempt(entry, -1)));
    },
  };
}

function newJob(imageId: string): JobEntry["record"]["job"] {
  const createdAt = new Date().toISOString();
  return { id: randomBytes(16).toString("hex"), kind: "segment", imageId, state: "queued", createdAt };
}

function watch(table: JobTable, entry: JobEntry, listener: (event: JobEvent) => void): () => void {
  const job = table.describe(entry);
  listener({ event: "state", data: job });
  if (hasEnded(job)) {
    listener({ event: job.state as "done", data: job });
    return () => undefined;
  }
  if (entry.running?.found) listener({ event: "masks", data: entry.running.found });
  entry.listeners.add(listener);
  return () => entry.listeners.delete(listener);
}
