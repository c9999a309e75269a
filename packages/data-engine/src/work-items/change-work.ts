import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { isPostgres } from "../store/is-postgres.js";
import type { WorkItemTable } from "../store/schema.js";
import { toWorkItem, type WorkItem } from "./work-item.js";

/** Reads an item, locks it and changes it. */
export function changeWork(
  { db }: Context,
  id: string,
  transition: (trx: Db, row: WorkItemTable) => Promise<WorkItemTable>,
): Promise<WorkItem> {
  return db
    .transaction()
    .execute(async (trx) => toWorkItem(await transition(trx, await readWork(trx, id, true))));
}

/** @throws DataEngineError `not-found` */
export async function readWork(db: Db, id: string, forUpdate = false): Promise<WorkItemTable> {
  const query = db.selectFrom("work_item").selectAll().where("id", "=", id);
  const row = await (forUpdate && isPostgres(db) ? query.forUpdate() : query).executeTakeFirst();
  if (!row) throw new DataEngineError("not-found", `There is no work item ${id}.`);
  return row;
}

/** @throws DataEngineError `conflict` if the work has ended already */
export async function cancelWork(trx: Db, row: WorkItemTable, now: number): Promise<WorkItemTable> {
  if (row.state === "cancelled") return row;
  if (row.state !== "queued" && row.state !== "running")
    throw new DataEngineError("conflict", `The work ${row.id} is ${row.state}: there is nothing to cancel.`);
  return trx
    .updateTable("work_item")
    .set(
      row.state === "queued"
        ? { state: "cancelled", updated_at: now }
        : { cancel_requested: 1, updated_at: now },
    )
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** @throws DataEngineError `conflict` unless the work is dead or cancelled */
export function queueAgain(
  trx: Db,
  row: WorkItemTable,
  now: number,
  attempts: number,
): Promise<WorkItemTable> {
  if (row.state !== "dead" && row.state !== "cancelled")
    throw new DataEngineError(
      "conflict",
      `The work ${row.id} is ${row.state}: only work that is dead or cancelled can be run again.`,
    );
  return trx
    .updateTable("work_item")
    .set({
      ...{ state: "queued", max_attempts: row.attempt + attempts, run_at: now, updated_at: now },
      ...{ cancel_requested: 0, error: null },
    })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function removeEnded(db: Db, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("work_item")
    .where("state", "in", ["done", "cancelled"])
    .where("updated_at", "<", before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
