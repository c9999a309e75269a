import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { startHeartbeat } from "./heartbeat.js";
import { isLasting } from "./is-lasting.js";
import type { WorkItem } from "./work-item.js";
import type { WorkQueue } from "./work-queue.js";

/** Writes the effects of the work, in the transaction that ends it. Its value is the result: plain JSON. */
export type WorkEffects = (trx: Db) => Promise<unknown>;

/**
 * Does the work of one item. It may run more than once for the same item, so all that must happen once
 * belongs to the effects it returns; the rest must be harmless if repeated. After an error the item is tried
 * again, except after one that would come again (`isLasting`).
 */
export type WorkHandler = (item: WorkItem, run: WorkRun) => Promise<WorkEffects>;

export type WorkHandlers = Readonly<Record<string, WorkHandler>>;

export interface WorkRun {
  /** Aborted when the work was cancelled, the lease was lost, or the worker ends. The handler has to stop. */
  readonly signal: AbortSignal;
  /**
   * Stores how far the work is, with the next heartbeat. Not for handlers that `advance`.
   *
   * @param value plain JSON
   */
  progress(value: unknown): void;
  /**
   * Writes some of the effects at once, with the progress that the next attempt begins from
   * (`item.progress`).
   *
   * @param effects as those of the end, but for what it returns: the progress, plain JSON
   * @throws DataEngineError `lease-lost`: another attempt was begun; nothing was written
   */
  advance(effects: WorkEffects): Promise<void>;
}

/** What a worker reports. An error without an item is of the queue: the worker goes on when it is back. */
export type WorkerEvent =
  | { readonly type: "started" | "done" | "cancelled" | "released"; readonly item: WorkItem }
  | { readonly type: "failed" | "dead" | "lease-lost"; readonly item: WorkItem; readonly error: unknown }
  | { readonly type: "queue-failed"; readonly error: unknown };

export type ReportWork = (event: WorkerEvent) => void;

interface ItemOptions {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** Gives the item back at once. */
  readonly stop: AbortSignal;
  readonly report: ReportWork;
}

/** Runs one claimed item to its end. It never rejects: what goes wrong is stored, or reported. */
export async function runItem(
  queue: WorkQueue,
  handler: WorkHandler,
  item: WorkItem,
  options: ItemOptions,
): Promise<void> {
  const { stop, report } = options;
  report({ type: "started", item });
  const abort = new AbortController();
  const heartbeat = startHeartbeat(queue, item, options, abort);
  try {
    const effects = await orStopped(
      handler,
      item,
      {
        ...{ signal: abort.signal, progress: heartbeat.progress },
        advance: (effects) => queue.advance(item, effects),
      },
      stop,
    );
    heartbeat.end();
    if (effects === STOPPED) {
      abort.abort(new Error("The worker ends."));
      await queue.release(item);
      report({ type: "released", item });
    } else {
      await queue.finish(item, effects);
      report({ type: "done", item });
    }
  } catch (error) {
    heartbeat.end();
    await settleFailure(queue, item, error, report).catch((reason: unknown) =>
      report(
        isLeaseLost(reason)
          ? { type: "lease-lost", item, error: reason }
          : { type: "queue-failed", error: reason },
      ),
    );
  }
}

const STOPPED = Symbol("stopped");

/** The handler's effects, unless the worker has to end before. */
function orStopped(handler: WorkHandler, item: WorkItem, run: WorkRun, stop: AbortSignal) {
  return new Promise<WorkEffects | typeof STOPPED>((resolve, reject) => {
    const onStop = () => resolve(STOPPED);
    if (stop.aborted) return onStop();
    stop.addEventListener("abort", onStop);
    Promise.resolve()
      .then(() => handler(item, run))
      .then(resolve, reject)
      .finally(() => stop.removeEventListener("abort", onStop));
  });
}

async function settleFailure(
  queue: WorkQueue,
  item: WorkItem,
  error: unknown,
  report: ReportWork,
): Promise<void> {
  if (isLeaseLost(error)) return report({ type: "lease-lost", item, error });
  const { state } = await queue.fail(item, { error: messageOf(error), retry: !isLasting(error) });
  report(
    state === "cancelled"
      ? { type: "cancelled", item }
      : { type: state === "dead" ? "dead" : "failed", item, error },
  );
}

const isLeaseLost = (error: unknown) => error instanceof DataEngineError && error.code === "lease-lost";

const messageOf = (error: unknown) => (error instanceof Error ? error.message || error.name : String(error));
