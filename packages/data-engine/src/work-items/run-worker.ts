import { DataEngineError } from "../errors.js";
import { type Bell, createBell } from "./bell.js";
import { type ReportWork, runItem, type WorkHandlers } from "./run-item.js";
import type { WorkItem } from "./work-item.js";
import type { WorkClaim, WorkQueue } from "./work-queue.js";

export interface WorkerOptions {
  /** Name of the worker, unique among those that run. */
  readonly worker: string;
  /** The only item that the worker takes; any of its kinds by default. */
  readonly item?: string | undefined;
  /** Ends the worker: it claims nothing more and gives what runs time to end. */
  readonly signal: AbortSignal;
  /** Items at the same time; 1 by default. */
  readonly concurrency?: number;
  /** Milliseconds until others may take an item of a worker that has gone silent; 30,000 by default. */
  readonly leaseMs?: number;
  /**
   * Milliseconds between heartbeats, at most a third of the lease: the time until progress is stored, and
   * until a handler learns that its work was cancelled. 2000 by default.
   */
  readonly heartbeatMs?: number;
  /** Milliseconds between looks at an empty queue; 500 by default. */
  readonly pollMs?: number;
  /** Milliseconds that running items have after the signal; then they are given back. 10,000 by default. */
  readonly drainMs?: number;
  readonly onEvent?: ReportWork;
  /** Rung when there may be work, it ends the wait for the next look. Of this worker alone. */
  readonly bell?: Bell;
}

const MAX_POLL_MS = 10_000;

/**
 * Runs work until the signal is aborted, then ends gracefully: no item is claimed any more, items that run
 * have `drainMs` to end, and what is still running then is given back for another worker. Errors of the
 * database do not end it.
 *
 * @param handlers by kind; only these kinds are claimed
 * @throws DataEngineError `invalid` for a concurrency below 1
 */
export async function runWorker(
  queue: WorkQueue,
  handlers: WorkHandlers,
  options: WorkerOptions,
): Promise<void> {
  const { worker, signal, concurrency = 1, leaseMs = 30_000, heartbeatMs = 2000 } = options;
  const { pollMs = 500, drainMs = 10_000, bell = createBell() } = options;
  const report = options.onEvent ?? (() => undefined);
  if (!(concurrency >= 1))
    throw new DataEngineError("invalid", `The concurrency is ${concurrency}; it must be 1 or more.`);
  const kinds = Object.keys(handlers);
  const claim = createClaim(queue, { worker, kinds, item: options.item, leaseMs }, pollMs, report);
  const stop = new AbortController();
  const itemOptions = { leaseMs, heartbeatMs, stop: stop.signal, report };
  const running = new Set<Promise<void>>();
  signal.addEventListener("abort", bell.ring);
  while (!signal.aborted) {
    const { item, waitMs } = running.size < concurrency ? await claim() : {};
    if (item) {
      const run = runItem(queue, handlers[item.kind]!, item, itemOptions);
      running.add(run);
      void run.then(() => {
        running.delete(run);
        bell.ring();
      });
    } else if (!signal.aborted) await bell.wait(waitMs);
  }
  signal.removeEventListener("abort", bell.ring);
  const timer = setTimeout(() => stop.abort(), drainMs);
  await Promise.all(running);
  clearTimeout(timer);
}

/** Claims an item, or says how long to wait: longer after each error in a row. */
function createClaim(queue: WorkQueue, claim: WorkClaim, pollMs: number, report: ReportWork) {
  let failures = 0;
  return async (): Promise<{ readonly item?: WorkItem; readonly waitMs?: number }> => {
    try {
      const item = await queue.claim(claim);
      failures = 0;
      return item ? { item } : { waitMs: pollMs };
    } catch (error) {
      report({ type: "queue-failed", error });
      return { waitMs: Math.min(pollMs * 2 ** ++failures, MAX_POLL_MS) };
    }
  };
}
