import type { WorkItem } from "@segany/data-engine";
import type { Queue, Worker } from "bullmq";
import { inTime, type RedisLink } from "./redis-link.js";

/** What a worker needs to know to take an item. */
export type Announced = Pick<WorkItem, "id" | "attempt" | "priority">;

/** Announcements of due items in Redis, a queue of BullMQ's for each kind. They may be lost or repeated. */
export interface Announcements {
  /** Announces items; those that are announced already stay as they are. */
  announce(kind: string, items: readonly Announced[]): Promise<void>;
  /**
   * Takes the most urgent announcement; undefined if there is none. It comes back if it is not `taken`, such
   * as when this process is killed.
   */
  next(kind: string): Promise<{ readonly id: string; readonly taken: () => Promise<void> } | undefined>;
  /** Whether it is this process's turn to announce what is due, once in so many milliseconds. */
  isTurn(kind: string, everyMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Milliseconds until an announcement comes back that was not taken. */
const LOCK_MS = 30_000;

/** BullMQ gives a job up that has come back so often; ours may, since PostgreSQL counts the attempts. */
const NEVER = 1_000_000;

/** Of the most urgent job BullMQ's number is the smallest; 0 is that of jobs without priority. */
const MOST_URGENT = 1001;

async function end<T>(opening: Promise<T>, close: (one: T) => Promise<void>): Promise<void> {
  await inTime(opening.then(close)).catch(() => undefined);
}

/** @param prefix of all keys, one for each database of items */
export function createAnnouncements(link: RedisLink, prefix: string, worker: string): Announcements {
  const queues = new Map<string, Promise<Queue>>();
  const workers = new Map<string, Promise<Worker>>();
  const nameOf = (kind: string) => encodeURIComponent(kind);

  /** Opened when it is first needed, and with a connection: what begins without one stays broken. */
  async function opened<T>(
    all: Map<string, Promise<T>>,
    kind: string,
    open: (options: { connection: Awaited<ReturnType<RedisLink["client"]>>; prefix: string }) => Promise<T>,
  ): Promise<T> {
    const connection = await link.client();
    const known = all.get(kind) ?? open({ connection, prefix });
    all.set(kind, known);
    known.catch(() => all.delete(kind));
    return known;
  }

  const queueOf = (kind: string) =>
    opened(queues, kind, async (options) => {
      const { Queue } = await import("bullmq"); // loads a native module
      const queue = new Queue(nameOf(kind), options);
      queue.on("error", () => undefined); // each command tells of its own
      return queue;
    });

  const workerOf = (kind: string) =>
    opened(workers, kind, async (options) => {
      const { Worker } = await import("bullmq");
      const fetcher = new Worker(nameOf(kind), null, {
        ...{ ...options, autorun: false, lockDuration: LOCK_MS, stalledInterval: LOCK_MS },
        maxStalledCount: NEVER,
      });
      fetcher.on("error", () => undefined);
      await fetcher.startStalledCheckTimer();
      return fetcher;
    });

  return {
    async announce(kind, items) {
      const queue = await queueOf(kind);
      await queue.addBulk(
        items.map(({ id, attempt, priority }) => ({
          name: kind,
          data: { id },
          opts: {
            jobId: `${id}-${attempt}`,
            priority: MOST_URGENT - priority,
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      );
    },
    async next(kind) {
      const fetcher = await workerOf(kind);
      const job = await fetcher.getNextJob(worker, { block: false });
      if (!job) return undefined;
      const taken = async () => void (await job.moveToCompleted(null, worker, false));
      return { id: (job.data as { id: string }).id, taken };
    },
    async isTurn(kind, everyMs) {
      const redis = await link.client();
      return (await redis.set(`${prefix}:turn:${nameOf(kind)}`, worker, "PX", everyMs, "NX")) === "OK";
    },
    async close() {
      // By force: a worker has no jobs of BullMQ's to wait for, and would wait for a connection that is lost.
      for (const opening of workers.values()) await end(opening, (worker) => worker.close(true));
      for (const opening of queues.values()) await end(opening, (queue) => queue.close());
      link.close();
    },
  };
}
