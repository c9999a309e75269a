import type { BlobStore } from "../blobs/blob-store.js";
import type { Job, JobEvent, JobProgress } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { hasEnded, type JobRecord, jobKeys } from "../records/job-record.js";
import { createTurns } from "../turns.js";
import { readJobRecords } from "./read-job-records.js";

/** A job that is known here. */
export interface JobEntry {
  /** As it is on the disk. */
  readonly record: JobRecord;
  /** Of a job that a worker is busy with; lost when the server ends. */
  running: { readonly progress?: JobProgress | undefined; readonly found?: MaskList | undefined } | undefined;
  /** Fires when its work is to stop. */
  readonly controller: AbortController;
  readonly listeners: Set<(event: JobEvent) => void>;
}

/** How a job can end. */
export type JobEnd =
  | { readonly state: "done"; readonly masks: number }
  | { readonly state: "failed"; readonly error: NonNullable<Job["error"]> }
  | { readonly state: "cancelled" };

/** The jobs of a data folder, in memory and on the disk. What a job is in memory changes after the disk has it. */
export interface JobTable {
  readonly entries: ReadonlyMap<string, JobEntry>;
  /** @throws ServerError `not-found` */
  find(id: string): JobEntry;
  /** As clients see it. */
  describe(entry: JobEntry): Job;
  /** How many wait or run. */
  open(): number;
  /** Writes a new job down; if it can't be, there is none. */
  add(record: JobRecord): Promise<JobEntry>;
  /** Writes down that it was begun once more, or that this doesn't count. */
  countAttempt(entry: JobEntry, change: 1 | -1): Promise<void>;
  /** Writes its end down and tells it. A job that has ended stays as it is. */
  end(entry: JobEntry, end: JobEnd): Promise<void>;
  tell(entry: JobEntry, event: JobEvent): void;
}

/** @param maxEnded jobs that have ended are forgotten beyond so many, the oldest first */
export async function openJobTable(blobs: BlobStore, maxEnded: number): Promise<JobTable> {
  const entries: Entries = new Map();
  for (const record of await readJobRecords(blobs)) entries.set(record.job.id, newEntry(record));
  const change = createChange(blobs, entries);
  return {
    entries,
    tell,
    describe: (entry) => describe(entries, entry),
    open: () => [...entries.values()].filter(({ record }) => !hasEnded(record.job)).length,
    find(id) {
      const entry = entries.get(id);
      if (!entry) throw new ServerError("not-found", `There is no job ${id}.`);
      return entry;
    },
    async add(record) {
      const { id } = record.job;
      await blobs.put(jobKeys.record(id), JSON.stringify(record));
      const entry = newEntry(record);
      entries.set(id, entry);
      return entry;
    },
    async countAttempt({ record: { job } }, by) {
      await change(job.id, (record) => ({ ...record, attempts: Math.max(0, record.attempts + by) }));
    },
    async end(entry, end) {
      const { progress } = entry.running ?? {};
      const fields = { ...end, finishedAt: new Date().toISOString(), ...(progress && { progress }) };
      const withEnd = ({ job, ...rest }: JobRecord): JobRecord => ({ ...rest, job: { ...job, ...fields } });
      if (!(await change(entry.record.job.id, withEnd))) return;
      entry.running = undefined;
      tell(entry, { event: end.state, data: describe(entries, entry) });
      entry.listeners.clear();
      await forgetOldest(blobs, entries, maxEnded).catch(() => undefined); // they go when the next job ends
    },
  };
}

type Entries = Map<string, JobEntry & { record: JobRecord }>;

function newEntry(record: JobRecord): JobEntry {
  return { record, running: undefined, controller: new AbortController(), listeners: new Set() };
}

/** Changes records one after the other, and not those of jobs that have ended. @returns whether it was changed */
function createChange(blobs: BlobStore, entries: Entries) {
  const inTurn = createTurns();
  return (id: string, changed: (record: JobRecord) => JobRecord): Promise<boolean> =>
    inTurn(id, async () => {
      const entry = entries.get(id);
      if (!entry || hasEnded(entry.record.job)) return false;
      const record = changed(entry.record);
      await blobs.put(jobKeys.record(id), JSON.stringify(record));
      entry.record = record;
      return true;
    });
}

function describe(entries: Entries, { record: { job }, running }: JobEntry): Job {
  if (job.state !== "queued") return job;
  if (running) return { ...job, state: "running", ...(running.progress && { progress: running.progress }) };
  const waiting = [...entries.values()].filter(
    (entry) => entry.record.job.state === "queued" && !entry.running,
  );
  return { ...job, position: waiting.findIndex(({ record }) => record.job.id === job.id) + 1 };
}

function tell({ listeners }: JobEntry, event: JobEvent): void {
  for (const listener of listeners) listener(event);
}

async function forgetOldest(blobs: BlobStore, entries: Entries, maxEnded: number): Promise<void> {
  const ended = [...entries].filter(([, { record }]) => hasEnded(record.job));
  for (const [id] of ended.slice(0, Math.max(0, ended.length - maxEnded))) {
    await blobs.delete(jobKeys.masks(id));
    await blobs.delete(jobKeys.record(id));
    entries.delete(id);
  }
}
