import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { isPostgres } from "../store/is-postgres.js";
import type { WorkItemTable } from "../store/schema.js";
import type { HeldWork } from "./work-item.js";

const MAX_ERROR = 4000;

/**
 * Reads and locks an item that this attempt holds.
 *
 * @throws DataEngineError `lease-lost`
 */
export async function lockHeld(trx: Db, held: HeldWork): Promise<WorkItemTable> {
  const query = trx
    .selectFrom("work_item")
    .selectAll()
    .where("id", "=", held.id)
    .where("attempt", "=", held.attempt)
    .where("state", "=", "running");
  const row = await (isPostgres(trx) ? query.forUpdate() : query).executeTakeFirst();
  if (!row) throw leaseLost(held);
  return row;
}

export function leaseLost({ id, attempt }: HeldWork): DataEngineError {
  return new DataEngineError(
    "lease-lost",
    `Attempt ${attempt} of the work ${id} has ended: its lease expired, or the work was finished. Drop it.`,
  );
}

/** Ends an attempt without a result: cancelled if that was asked for, else queued again, else dead. */
export function endAttempt(
  trx: Db,
  row: WorkItemTable,
  now: number,
  end: { readonly error: string | null; readonly retryAt: number | null; readonly more?: number },
): Promise<WorkItemTable> {
  const maxAttempts = row.max_attempts + (end.more ?? 0);
  const isQueued = end.retryAt !== null && row.attempt < maxAttempts;
  return trx
    .updateTable("work_item")
    .set({
      state: row.cancel_requested === 1 ? "cancelled" : isQueued ? "queued" : "dead",
      run_at: end.retryAt ?? row.run_at,
      max_attempts: maxAttempts,
      lease_owner: null,
      lease_expires_at: null,
      error: end.error?.slice(0, MAX_ERROR) ?? row.error,
      updated_at: now,
    })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
