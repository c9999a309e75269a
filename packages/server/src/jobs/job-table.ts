import type { BlobStore } from "../blobs/blob-store.js";
import type { Job, JobEvent, JobProgress } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { hasEnded, type JobRecord, jobKeys } from "../records/job-record.js";
import { createTurns } from "../turns.js";
import { readJobRecords } from "./read-job-records.js";

/** A known job. */
export interface JobEntry {
  /** Its state on disk. */
  readonly record: JobRecord;
  /** Who submitted it; not stored, so undefined for jobs of an earlier run. */
  readonly client: string | undefined;
  /** Progress while a worker runs it; lost when the server ends. */
  running: { readonly progress?: JobProgress | undefined; readonly found?: MaskList | undefined } | undefined;
  /** Aborted to stop the work. */
  readonly controller: AbortController;
  readonly listeners: Set<(event: JobEvent) => void>;
}

/** How a job can end. */
export type JobEnd =
  | { readonly state: "done"; readonly masks: number }
  | { readonly state: "failed"; readonly error: NonNullable<Job["error"]> }
  | { readonly state: "cancelled" };

/**
 * The jobs of a data folder, in memory and on disk. A change is written to disk before it is made in memory.
 */
export interface JobTable {
  readonly entries: ReadonlyMap<string, JobEntry>;
  /** @throws ServerError `not-found` */
  find(id: string): JobEntry;
  /** The job as clients see it. */
  describe(entry: JobEntry): Job;
  /** Number of queued and running jobs, of one client if given. */
  open(client?: string): number;
  /** Writes a new job to disk; if that fails, there is no job. */
  add(record: JobRecord, client: string | undefined): Promise<JobEntry>;
  /** Writes down that it was started once more, or that an attempt doesn't count. */
  countAttempt(entry: JobEntry, change: 1 | -1): Promise<void>;
  /** Writes its end to disk and notifies listeners. A job that has ended stays unchanged. */
  end(entry: JobEntry, end: JobEnd): Promise<void>;
  tell(entry: JobEntry, event: JobEvent): void;
}

/** Opens the table. @param maxEnded the oldest ended jobs are deleted beyond this number */
export async function openJobTable(blobs: BlobStore, maxEnded: number): Promise<JobTable> {
  const entries: Entries = new Map();
  for (const record of await readJobRecords(blobs)) entries.set(record.job.id, newEntry(record, undefined));
  const change = createChange(blobs, entries);
  return {
    entries,
    tell,
    describe: (entry) => describe(entries, entry),
    open(client) {
      const open = [...entries.values()].filter(({ record }) => !hasEnded(record.job));
      return open.filter((entry) => client === undefined || entry.client === client).length;
    },
    find(id) {
      const entry = entries.get(id);
      if (!entry) throw new ServerError("not-found", `There is no job ${id}.`);
      return entry;
    },
    async add(record, client) {
      const { id } = record.job;
      await blobs.put(jobKeys.record(id), JSON.stringify(record));
      const entry = newEntry(record, client);
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
      await forgetOldest(blobs, entries, maxEnded).catch(() => undefined); // deleted when the next job ends
    },
  };
}

type Entries = Map<string, JobEntry & { record: JobRecord }>;

function newEntry(record: JobRecord, client: string | undefined): JobEntry {
  return { record, client, running: undefined, controller: new AbortController(), listeners: new Set() };
}

/** Serializes changes of a record, and ignores jobs that have ended. @returns whether it was changed */
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
