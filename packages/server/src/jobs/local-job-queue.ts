import { randomBytes } from "node:crypto";
import type { BlobStore } from "../blobs/blob-store.js";
import type { Job, JobEvent, SegmentRequest } from "../contract/jobs.js";
import { type MaskList, maskListSchema } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { createLruMap } from "../inference/lru-map.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import type { Worker } from "../inference/worker-process.js";
import type { Limits } from "../options.js";
import { hasEnded, type JobRecord, jobKeys } from "../records/job-record.js";
import type { JobQueue } from "./job-queue.js";
import { readJobRecords } from "./read-job-records.js";
import { runSegment, type SegmentServices } from "./run-segment.js";

interface Entry {
  record: JobRecord;
  readonly controller: AbortController;
  readonly listeners: Set<(event: JobEvent) => void>;
  /** Masks found so far, for who comes late. */
  found: MaskList | undefined;
}

/** Jobs of this server, written down in its folder; those that had not ended are run again. */
export async function openLocalJobQueue(
  blobs: BlobStore,
  pool: WorkerPool,
  services: SegmentServices,
  limits: Pick<Limits, "maxJobs" | "maxOpenJobs" | "maxQueuedWork">,
): Promise<JobQueue> {
  const entries = new Map<string, Entry>();
  const release = ({ id, worker }: { id: string; worker: Worker }) =>
    void pool
      .call("release", { jobId: id }, { priority: () => PRIORITY.click, worker })
      .catch(() => undefined); // its process has ended, and the candidates with it
  const holders = createLruMap<string, { id: string; worker: Worker }>(limits.maxOpenJobs, release);
  let closed = false;

  async function change(entry: Entry, fields: Partial<Job>): Promise<void> {
    entry.record = { ...entry.record, job: { ...entry.record.job, ...fields } };
    await blobs.put(jobKeys.record(entry.record.job.id), JSON.stringify(entry.record));
  }

  function tell({ listeners }: Entry, event: JobEvent): void {
    for (const listener of listeners) listener(event);
  }

  async function run(entry: Entry): Promise<void> {
    const { id } = entry.record.job;
    try {
      const masks = await runSegment(id, entry.record, pool, services, {
        signal: entry.controller.signal,
        onBegin(worker) {
          holders.set(id, { id, worker });
          entry.record = { ...entry.record, job: { ...entry.record.job, state: "running" } };
          tell(entry, { event: "state", data: describe(entry) });
        },
        onEvent(event) {
          if (event.event === "progress") {
            entry.record = { ...entry.record, job: { ...entry.record.job, progress: event.data } };
          } else entry.found = event.data;
          tell(entry, event);
        },
      });
      await blobs.put(jobKeys.masks(id), JSON.stringify(masks));
      tell(entry, { event: "masks", data: masks });
      await end(entry, { state: "done", masks: masks.masks.length });
    } catch (error) {
      if (closed) return; // it stays written down as it was, and is run again
      const holder = holders.delete(id);
      if (holder) release(holder); // it may have found all, and failed later
      const { code, message } = apiErrorOf(error);
      if (entry.controller.signal.aborted) await end(entry, { state: "cancelled" });
      else await end(entry, { state: "failed", error: { code, message } });
    }
  }

  async function end(
    entry: Entry,
    fields: Partial<Job> & { state: "done" | "failed" | "cancelled" },
  ): Promise<void> {
    await change(entry, { ...fields, finishedAt: new Date().toISOString() });
    entry.found = undefined;
    tell(entry, { event: fields.state, data: describe(entry) });
    entry.listeners.clear();
    await forgetOldest();
  }

  async function forgetOldest(): Promise<void> {
    const ended = [...entries].filter(([, { record }]) => hasEnded(record.job));
    for (const [id] of ended.slice(0, Math.max(0, ended.length - limits.maxJobs))) {
      entries.delete(id);
      await blobs.delete(jobKeys.record(id));
      await blobs.delete(jobKeys.masks(id));
    }
  }

  function add(record: JobRecord): Entry {
    const entry = {
      record,
      controller: new AbortController(),
      listeners: new Set<never>(),
      found: undefined,
    };
    entries.set(record.job.id, entry);
    return entry;
  }

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (!entry) throw new ServerError("not-found", `There is no job ${id}.`);
    return entry;
  }

  function describe({ record: { job } }: Entry): Job {
    if (job.state !== "queued") return job;
    const waiting = [...entries.values()].filter(({ record }) => record.job.state === "queued");
    return { ...job, position: waiting.findIndex(({ record }) => record.job.id === job.id) + 1 };
  }

  const open = () => [...entries.values()].filter(({ record }) => !hasEnded(record.job)).length;

  for (const record of await readJobRecords(blobs)) {
    const entry = add(record);
    if (!hasEnded(record.job)) void run(entry);
  }

  return {
    open,
    get: (id) => describe(find(id)),
    async submit(imageId: string, request: SegmentRequest) {
      if (open() >= limits.maxQueuedWork) {
        throw new ServerError("overloaded", `${open()} jobs are waiting; ask later.`, { retryAfterS: 10 });
      }
      const id = randomBytes(16).toString("hex");
      const job: Job = { id, kind: "segment", imageId, state: "queued", createdAt: new Date().toISOString() };
      const entry = add({ job, request });
      await change(entry, {});
      void run(entry);
      return describe(entry);
    },
    async cancel(id) {
      const entry = find(id);
      if (hasEnded(entry.record.job)) return entry.record.job;
      const ended = new Promise<void>((resolve) =>
        entry.listeners.add(
          ({ event }) => void (["done", "failed", "cancelled"].includes(event) && resolve()),
        ),
      );
      entry.controller.abort();
      await ended;
      return describe(entry);
    },
    watch(id, listener) {
      const entry = find(id);
      listener({ event: "state", data: describe(entry) });
      if (hasEnded(entry.record.job)) {
        listener({ event: entry.record.job.state as "done", data: describe(entry) });
        return () => undefined;
      }
      if (entry.found) listener({ event: "masks", data: entry.found });
      entry.listeners.add(listener);
      return () => entry.listeners.delete(listener);
    },
    async masks(id, selection) {
      const { job } = find(id).record;
      if (job.state !== "done")
        throw new ServerError("not-found", `The job is ${job.state}; it has no masks yet.`);
      if (Object.keys(selection).length === 0) return readMasks(blobs, id);
      const holder = holders.get(id);
      if (!holder)
        throw new ServerError("gone", "The candidates of this job were let go; run everything mode again.");
      const call = { priority: () => PRIORITY.click, worker: holder.worker };
      return pool.call("select", { jobId: id, selection: definedOnly(selection) }, call);
    },
    async close() {
      closed = true;
      for (const { controller, listeners } of entries.values()) {
        controller.abort();
        listeners.clear();
      }
    },
  };
}

function definedOnly<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

async function readMasks(blobs: BlobStore, id: string): Promise<MaskList> {
  const bytes = await blobs.get(jobKeys.masks(id));
  if (!bytes) throw new ServerError("gone", "The masks of this job were let go; run everything mode again.");
  return maskListSchema.parse(JSON.parse(bytes.toString("utf8")));
}
