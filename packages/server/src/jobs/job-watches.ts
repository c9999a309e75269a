import type { Job, JobEvent } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import { hasEnded } from "../records/job-record.js";

/** Milliseconds between looks at a job that somebody watches: it may run on another server. */
const LOOK_MS = 500;

type Listener = (event: JobEvent) => void;

/** Who watches which jobs of a queue that other servers share. */
export interface JobWatches {
  /** As a queue's `watch`. */
  watch(id: string, listener: Listener): Promise<() => void>;
  /** Passes on what a job tells that runs here. */
  tell(id: string, event: JobEvent): void;
  /** Looks at once: the job has changed. */
  look(id: string): void;
  close(): void;
}

interface Watch {
  readonly hear: Listener;
  look(): Promise<void>;
  stop(): void;
}

/**
 * @param get reads the state of a job
 * @param masks reads those of a job that is done
 */
export function createJobWatches(
  get: (id: string) => Promise<Job>,
  masks: (id: string) => Promise<MaskList>,
): JobWatches {
  const watches = new Map<string, Set<Watch>>();
  const of = (id: string) => watches.get(id) ?? new Set();

  function add(id: string, watch: Watch): void {
    watches.set(id, new Set([...of(id), watch]));
  }

  function remove(id: string, watch: Watch): void {
    const left = [...of(id)].filter((other) => other !== watch);
    if (left.length > 0) watches.set(id, new Set(left));
    else watches.delete(id);
  }

  return {
    async watch(id, listener) {
      const first = await get(id);
      listener({ event: "state", data: first });
      if (hasEnded(first)) {
        listener({ event: first.state as "done", data: first });
        return () => undefined;
      }
      const watch = createWatch(id, { first, get, masks, listener }, () => remove(id, watch));
      add(id, watch);
      return watch.stop;
    },
    tell(id, event) {
      for (const { hear } of of(id)) hear(event);
    },
    look(id) {
      for (const watch of of(id)) void watch.look();
    },
    close() {
      for (const all of watches.values()) for (const watch of all) watch.stop();
    },
  };
}

interface Watched {
  readonly first: Job;
  readonly get: (id: string) => Promise<Job>;
  readonly masks: (id: string) => Promise<MaskList>;
  readonly listener: Listener;
}

function createWatch(id: string, { first, get, masks, listener }: Watched, onStop: () => void): Watch {
  let last = first;
  let pointsDone = first.progress?.pointsDone ?? 0;
  let isLooking = false;
  let isStopped = false;

  function hear(event: JobEvent): void {
    if (event.event === "progress") pointsDone = event.data.pointsDone;
    listener(event);
  }

  async function tellEnd(job: Job): Promise<void> {
    const found = job.state === "done" ? await masks(id).catch(orGone) : undefined;
    if (isStopped) return;
    stop();
    if (found) listener({ event: "masks", data: found });
    listener({ event: job.state as "done", data: job });
  }

  async function tellChange(job: Job): Promise<void> {
    if (hasEnded(job)) return tellEnd(job);
    const { progress } = job;
    if (job.state !== last.state || job.position !== last.position) hear({ event: "state", data: job });
    // Where the job runs, what was stored is older than what was told.
    if (progress && progress.pointsDone > pointsDone) hear({ event: "progress", data: progress });
    last = job;
  }

  async function look(): Promise<void> {
    if (isLooking || isStopped) return;
    isLooking = true;
    // What fails, such as a database that is away for a moment, is looked at again.
    await get(id)
      .then(tellChange)
      .catch(() => undefined);
    isLooking = false;
  }

  const clock = setInterval(look, LOOK_MS);
  clock.unref();
  function stop(): void {
    isStopped = true;
    clearInterval(clock);
    onStop();
  }
  return { hear, look, stop };
}

function orGone(error: Error & { code?: string }): undefined {
  if (error.code !== "gone") throw error;
}
