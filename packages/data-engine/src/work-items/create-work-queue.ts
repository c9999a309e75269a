import type { Context, Db } from "../context.js";
import { cancelWork, changeWork, queueAgain, readWork, removeEnded } from "./change-work.js";
import { claimWork, dueWork } from "./claim-work.js";
import { advanceWork, finishWork, releaseWorker, renewLease, settleWork } from "./hold-work.js";
import { countWork, listWork } from "./list-work.js";
import { retryDelayMs } from "./retry-delay.js";
import { checkAttempts, DEFAULT_ATTEMPTS, insertWork } from "./submit.js";
import { toWorkItem } from "./work-item.js";
import type { WorkQueue } from "./work-queue.js";

/**
 * The queue in the database itself, for one machine, or for several with PostgreSQL.
 *
 * @param options.retryDelayMs from a failed attempt, numbered from 1, to the next one; by default 5 seconds,
 *   twice as long after each, at most 10 minutes
 */
export function createWorkQueue(
  context: Context,
  options: { readonly retryDelayMs?: (attempt: number) => number } = {},
): WorkQueue {
  const { db, now } = context;
  const delayMs = options.retryDelayMs ?? retryDelayMs;
  const insertAll = (work: Parameters<WorkQueue["submitAll"]>[0], on?: Db) =>
    on ? insertWork(on, now(), work) : db.transaction().execute((trx) => insertWork(trx, now(), work));
  return {
    submit: async (work, on) => toWorkItem((await insertAll([work], on))[0]!),
    submitAll: async (work, on) => (await insertAll(work, on)).map(({ id }) => id),
    async claim(claim) {
      const row = await claimWork(context, claim);
      return row && toWorkItem(row);
    },
    due: async (kind, limit) => (await dueWork(context, kind, limit)).map(toWorkItem),
    heartbeat: (held, beat) => renewLease(context, held, beat),
    advance: (held, effects) => advanceWork(context, held, effects),
    finish: (held, effects) => finishWork(context, held, effects),
    fail: (held, { error, retry = true }) =>
      settleWork(context, held, (row) => ({
        error,
        retryAt: retry ? now() + delayMs(row.attempt) : null,
      })),
    release: (held) => settleWork(context, held, () => ({ error: null, retryAt: now(), more: 1 })),
    releaseAll: (worker) => releaseWorker(context, worker),
    cancel: (id) => changeWork(context, id, (trx, row) => cancelWork(trx, row, now())),
    async runAgain(id, attempts = DEFAULT_ATTEMPTS) {
      checkAttempts(attempts);
      return changeWork(context, id, (trx, row) => queueAgain(trx, row, now(), attempts));
    },
    get: async (id) => toWorkItem(await readWork(db, id)),
    list: (filter) => listWork(db, filter),
    counts: () => countWork(db),
    removeEnded: (before) => removeEnded(db, before),
  };
}
