import type { Context, Db } from "../context.js";
import { isPostgres } from "../store/is-postgres.js";
import type { WorkItemTable } from "../store/schema.js";
import { endAttempt, leaseLost, lockHeld } from "./end-attempt.js";
import { type HeldWork, toJson, toWorkItem, type WorkItem } from "./work-item.js";
import type { WorkQueue } from "./work-queue.js";

/** @throws DataEngineError `lease-lost` */
export async function renewLease(
  { db, now }: Context,
  held: HeldWork,
  { leaseMs, progress }: Parameters<WorkQueue["heartbeat"]>[1],
): Promise<{ readonly cancelRequested: boolean }> {
  const row = await db
    .updateTable("work_item")
    .set({
      lease_expires_at: now() + leaseMs,
      updated_at: now(),
      ...(progress !== undefined && { progress_json: toJson(progress) }),
    })
    .where("id", "=", held.id)
    .where("attempt", "=", held.attempt)
    .where("state", "=", "running")
    .returning("cancel_requested")
    .executeTakeFirst();
  if (!row) throw leaseLost(held);
  return { cancelRequested: row.cancel_requested === 1 };
}

/** Writes the effects, and ends the work with their result. */
export function finishWork(
  context: Context,
  held: HeldWork,
  effects: (trx: Db) => Promise<unknown>,
): Promise<void> {
  return writeHeld(context, held, effects, (result) => ({
    ...{ state: "done", result_json: toJson(result), error: null },
    ...{ lease_owner: null, lease_expires_at: null },
  }));
}

/** Writes some of the effects, with the progress that the next attempt begins from. */
export function advanceWork(
  context: Context,
  held: HeldWork,
  effects: (trx: Db) => Promise<unknown>,
): Promise<void> {
  return writeHeld(context, held, effects, (progress) => ({ progress_json: toJson(progress) }));
}

/** The item is locked and checked first, so that no effect of a late attempt is even begun. */
function writeHeld(
  { db, now }: Context,
  held: HeldWork,
  effects: (trx: Db) => Promise<unknown>,
  changes: (value: unknown) => Partial<WorkItemTable>,
): Promise<void> {
  return db.transaction().execute(async (trx) => {
    await lockHeld(trx, held);
    const value = await effects(trx);
    await trx
      .updateTable("work_item")
      .set({ ...changes(value), updated_at: now() })
      .where("id", "=", held.id)
      .execute();
  });
}

/** Ends an attempt without a result. */
export function settleWork(
  { db, now }: Context,
  held: HeldWork,
  end: (row: WorkItemTable) => Parameters<typeof endAttempt>[3],
): Promise<WorkItem> {
  return db.transaction().execute(async (trx) => {
    const row = await lockHeld(trx, held);
    return toWorkItem(await endAttempt(trx, row, now(), end(row)));
  });
}

export function releaseWorker({ db, now }: Context, worker: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const query = trx
      .selectFrom("work_item")
      .selectAll()
      .where("state", "=", "running")
      .where("lease_owner", "=", worker);
    const rows = await (isPostgres(trx) ? query.forUpdate() : query).execute();
    for (const row of rows)
      await endAttempt(trx, row, now(), {
        error: `The worker ${worker} was stopped in attempt ${row.attempt}.`,
        retryAt: now(),
      });
    return rows.length;
  });
}
