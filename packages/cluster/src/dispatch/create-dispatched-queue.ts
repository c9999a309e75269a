import { randomUUID } from "node:crypto";
import type { NewWork, WorkClaim, WorkItem, WorkQueue } from "@segany/data-engine";
import { type Announced, createAnnouncements } from "./announcements.js";
import { inTime, openRedisLink } from "./redis-link.js";

/** A queue of work whose workers learn of items over Redis. */
export interface DispatchedQueue extends WorkQueue {
  close(): Promise<void>;
}

export interface DispatchOptions {
  /** Of all keys in Redis, one for each database of items; `segany` by default. */
  readonly prefix?: string | undefined;
  /**
   * Milliseconds between looks into the database for what nobody announced: retries, what silent workers
   * held, what was submitted within a transaction. All workers share them. 1000 by default.
   */
  readonly sweepMs?: number | undefined;
  /** Learns when Redis is lost, once, and when it is back. */
  readonly onRedis?: ((state: "lost" | "back", error?: Error) => void) | undefined;
}

/** Items of a kind that are announced at a time: the most urgent, which is all that workers need to know. */
const WINDOW = 500;

/** Of work that is submitted without one. */
const DEFAULT_PRIORITY = 100;

/**
 * Lets BullMQ on Redis dispatch the items of a queue. State, attempts and results stay in the database: an
 * announcement in Redis only says that an item is due, and the item is then claimed there. Announcements that
 * are lost are made again; while Redis is gone, workers ask the database itself. Priorities hold within a
 * kind.
 *
 * @param queue of a PostgreSQL database, which all workers share
 * @param redisUrl `redis://…`; it must not evict keys (`maxmemory-policy noeviction`)
 * @throws ClusterError `address-invalid`
 */
export function createDispatchedQueue(
  queue: WorkQueue,
  redisUrl: string,
  { prefix = "segany", sweepMs = 1000, onRedis = () => undefined }: DispatchOptions = {},
): DispatchedQueue {
  const announcements = createAnnouncements(openRedisLink(redisUrl), prefix, randomUUID());
  const viaRedis = createRedisWatch(onRedis);
  const announcing = new Set<Promise<unknown>>();
  let turn = 0;

  /** Begins to announce new items; what fails here is found by a sweep. */
  function announce(work: readonly NewWork[], ids: readonly string[]): void {
    for (const [kind, items] of dueByKind(work.slice(0, WINDOW), ids)) {
      const done = viaRedis(() => announcements.announce(kind, items)).finally(() => announcing.delete(done));
      announcing.add(done);
    }
  }

  /** Announces what is due if nobody did so lately. @returns false if Redis can't be used */
  async function sweep(kind: string): Promise<boolean> {
    const isTurn = await viaRedis(() => announcements.isTurn(kind, sweepMs));
    if (!isTurn?.value) return isTurn !== undefined;
    const due = await queue.due(kind, WINDOW);
    return due.length === 0 || (await viaRedis(() => announcements.announce(kind, due))) !== undefined;
  }

  /** Claims what is announced, "none" if nothing is. @returns undefined if Redis can't be used */
  async function claimAnnounced(kind: string, claim: WorkClaim): Promise<WorkItem | "none" | undefined> {
    if (!(await sweep(kind))) return undefined;
    for (;;) {
      const next = await viaRedis(() => announcements.next(kind));
      if (!next) return undefined;
      if (!next.value) return "none";
      const item = await queue.claim({ ...claim, kinds: [kind], item: next.value.id });
      await viaRedis(next.value.taken);
      if (item) return item; // else another has it, or it is done: the announcement was old
    }
  }

  return {
    ...queue,
    async submit(work, db) {
      const item = await queue.submit(work, db);
      if (!db) announce([work], [item.id]);
      return item;
    },
    async submitAll(work, db) {
      const ids = await queue.submitAll(work, db);
      if (!db) announce(work, ids);
      return ids;
    },
    async claim(claim) {
      if (claim.item !== undefined) return queue.claim(claim);
      turn++;
      for (let i = 0; i < claim.kinds.length; i++) {
        const found = await claimAnnounced(claim.kinds[(turn + i) % claim.kinds.length]!, claim);
        if (found === undefined) return queue.claim(claim);
        if (found !== "none") return found;
      }
      return undefined;
    },
    async close() {
      await Promise.all(announcing);
      await announcements.close();
    },
  };
}

function dueByKind(work: readonly NewWork[], ids: readonly string[]): Map<string, Announced[]> {
  const kinds = new Map<string, Announced[]>();
  for (const [i, { kind, priority = DEFAULT_PRIORITY, runAt = 0 }] of work.entries()) {
    if (runAt > Date.now()) continue;
    const items = kinds.get(kind) ?? [];
    kinds.set(kind, items);
    items.push({ id: ids[i]!, attempt: 0, priority });
  }
  return kinds;
}

/** Runs what needs Redis: undefined if it can't be used, which is reported once. */
function createRedisWatch(onRedis: NonNullable<DispatchOptions["onRedis"]>) {
  let isLost = false;
  return async <T>(use: () => Promise<T>): Promise<{ readonly value: T } | undefined> => {
    try {
      const value = await inTime(use());
      if (isLost) onRedis("back");
      isLost = false;
      return { value };
    } catch (error) {
      if (!isLost) onRedis("lost", error as Error);
      isLost = true;
      return undefined;
    }
  };
}
