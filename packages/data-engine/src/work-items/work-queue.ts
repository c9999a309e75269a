import type { Db } from "../context.js";
import type { HeldWork, NewWork, WorkItem, WorkState } from "./work-item.js";

/**
 * Durable work of the machine. It promises what an engine on many machines can keep as well:
 *
 * - Work that was submitted is run at least once, also if workers or the server are killed. It may be started
 *   more than once, by two workers at a time even: the first one's lease may have expired unnoticed.
 * - Its effects happen once. {@link WorkQueue.finish} writes them and the result in one transaction, and only
 *   for the attempt that holds the item; each claim makes a new attempt.
 * - Work of higher priority is claimed first, and of the same priority what is due first; not strictly so
 *   between workers that claim at the same time.
 *
 * Leases are measured by the workers' clocks. Where these differ by more than a lease, work is repeated, but
 * its effects are not.
 */
export interface WorkQueue {
  /**
   * @param db a transaction, so that the work exists if the transaction is committed
   * @throws DataEngineError `invalid`
   */
  submit(work: NewWork, db?: Db): Promise<WorkItem>;
  /** The same for many items at once. @returns their ids */
  submitAll(work: readonly NewWork[], db?: Db): Promise<readonly string[]>;
  /** Takes the next item of these kinds, or nothing if none is due. */
  claim(claim: WorkClaim): Promise<WorkItem | undefined>;
  /**
   * The items that would be claimed next, without taking them, for an engine that tells workers of them.
   *
   * @param limit 1 to 1000
   */
  due(kind: string, limit: number): Promise<readonly WorkItem[]>;
  /**
   * Renews the lease, and stores progress if there is some.
   *
   * @throws DataEngineError `lease-lost`: stop, another attempt was begun or the work has ended
   */
  heartbeat(held: HeldWork, beat: Heartbeat): Promise<{ readonly cancelRequested: boolean }>;
  /**
   * Writes some of the effects before the end, in one transaction with the progress. It is refused for an
   * earlier attempt, before any effect. The next attempt has the progress: it goes on from there.
   *
   * @param effects writes through the given transaction only; what it returns is the progress, plain JSON
   * @throws DataEngineError `lease-lost`; what `effects` throws, after which nothing has happened
   */
  advance(held: HeldWork, effects: (trx: Db) => Promise<unknown>): Promise<void>;
  /**
   * Ends the work: effects, result and state in one transaction. It is refused for an earlier attempt, before
   * any effect. Work that was to be cancelled is done if it gets this far.
   *
   * @param effects writes through the given transaction only; what it returns is the result, plain JSON
   * @throws DataEngineError `lease-lost`; what `effects` throws, after which nothing has happened
   */
  finish(held: HeldWork, effects: (trx: Db) => Promise<unknown>): Promise<void>;
  /**
   * Ends the attempt. The work is queued again after a delay, or dead if that was the last attempt or `retry`
   * is false, or cancelled if somebody asked for it.
   *
   * @throws DataEngineError `lease-lost`
   */
  fail(held: HeldWork, failure: WorkFailure): Promise<WorkItem>;
  /** Gives work back that was not at fault; it has as many attempts left as before. @throws `lease-lost` */
  release(held: HeldWork): Promise<WorkItem>;
  /** Releases all that a worker holds which is known to have ended. @returns the number of items */
  releaseAll(worker: string): Promise<number>;
  /**
   * Cancels queued work at once, and asks the worker of running work to stop.
   *
   * @throws DataEngineError `not-found`; `conflict` if the work is done or dead
   */
  cancel(id: string): Promise<WorkItem>;
  /**
   * Queues work again that is dead or was cancelled. Work that has advanced goes on from there.
   *
   * @param attempts how many it gets; 3 by default
   * @throws DataEngineError `not-found`; `conflict` if it is neither; `invalid`
   */
  runAgain(id: string, attempts?: number): Promise<WorkItem>;
  /** @throws DataEngineError `not-found` */
  get(id: string): Promise<WorkItem>;
  /** Newest first. */
  list(filter?: WorkFilter): Promise<WorkPage>;
  /** How many items there are, by kind and state. */
  counts(): Promise<readonly WorkCount[]>;
  /** Removes items that were done or cancelled before a time; dead ones stay. @returns how many */
  removeEnded(before: number): Promise<number>;
}

export interface WorkClaim {
  /** Name of the worker, unique among those that run. */
  readonly worker: string;
  readonly kinds: readonly string[];
  /** The only item that is wanted; any by default. */
  readonly item?: string | undefined;
  /** Milliseconds until another worker may take the item, unless a heartbeat renews the lease. */
  readonly leaseMs: number;
}

export interface Heartbeat {
  readonly leaseMs: number;
  /** Plain JSON; absent if there is nothing new. */
  readonly progress?: unknown;
}

export interface WorkFailure {
  readonly error: string;
  /** false if trying again can't help. True by default. */
  readonly retry?: boolean;
}

export interface WorkFilter {
  readonly kind?: string;
  readonly state?: WorkState;
  readonly project?: string;
  /** `next` of the page before. */
  readonly after?: string;
  /** 1 to 1000; 100 by default. */
  readonly limit?: number;
}

export interface WorkPage {
  readonly items: readonly WorkItem[];
  /** null on the last page. */
  readonly next: string | null;
}

export interface WorkCount {
  readonly kind: string;
  readonly state: WorkState;
  readonly count: number;
}
