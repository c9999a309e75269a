import type { Context, Db } from "../context.js";
import { isPostgres } from "../store/is-postgres.js";
import type { WorkItemTable } from "../store/schema.js";
import { endAttempt } from "./end-attempt.js";
import { checkLimit } from "./list-work.js";
import type { WorkClaim } from "./work-queue.js";

/** Expired leases that one claim looks after. */
const EXPIRED_AT_ONCE = 100;

/** Takes the next item. Nothing is locked or written while there is nothing to do: workers ask often. */
export async function claimWork({ db, now }: Context, claim: WorkClaim): Promise<WorkItemTable | undefined> {
  await requeueExpired(db, now());
  const kinds = await dueKinds(db, claim, now());
  if (kinds.length === 0) return undefined;
  return db.transaction().execute(async (trx) => {
    for (const kind of kinds) {
      const id = await lockNext(trx, kind, claim, now());
      if (id !== undefined) return lease(trx, id, claim, now());
    }
    return undefined;
  });
}

/** What would be claimed next. */
export async function dueWork({ db, now }: Context, kind: string, limit: number): Promise<WorkItemTable[]> {
  await requeueExpired(db, now());
  return selectDue(db, kind, {}, now()).limit(checkLimit(limit)).selectAll().execute();
}

function selectDue(db: Db, kind: string, { item }: Pick<WorkClaim, "item">, now: number) {
  const query = db
    .selectFrom("work_item")
    .where("state", "=", "queued")
    .where("kind", "=", kind)
    .where("run_at", "<=", now)
    .orderBy("priority", "desc")
    .orderBy("run_at")
    .orderBy("id");
  return item === undefined ? query : query.where("id", "=", item);
}

/** The kinds that have work, that with the most urgent item first. */
async function dueKinds(db: Db, claim: WorkClaim, now: number): Promise<readonly string[]> {
  const due = [];
  for (const kind of claim.kinds) {
    const query = selectDue(db, kind, claim, now).limit(1);
    const first = await query.select(["kind", "priority", "run_at"]).executeTakeFirst();
    if (first) due.push(first);
  }
  due.sort((a, b) => b.priority - a.priority || a.run_at - b.run_at);
  return due.map(({ kind }) => kind);
}

/** Passes over items that other workers are claiming at this moment. */
async function lockNext(trx: Db, kind: string, claim: WorkClaim, now: number): Promise<string | undefined> {
  const query = selectDue(trx, kind, claim, now).limit(1).select("id");
  const row = await (isPostgres(trx) ? query.forUpdate().skipLocked() : query).executeTakeFirst();
  return row?.id;
}

function lease(trx: Db, id: string, { worker, leaseMs }: WorkClaim, now: number): Promise<WorkItemTable> {
  return trx
    .updateTable("work_item")
    .set((eb) => ({
      state: "running",
      attempt: eb("attempt", "+", 1),
      lease_owner: worker,
      lease_expires_at: now + leaseMs,
      updated_at: now,
    }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Ends the attempts of workers that have gone silent. */
async function requeueExpired(db: Context["db"], now: number): Promise<void> {
  if (!(await selectExpired(db, now).select("id").executeTakeFirst())) return;
  await db.transaction().execute(async (trx) => {
    const query = selectExpired(trx, now).selectAll();
    const rows = await (isPostgres(trx) ? query.forUpdate().skipLocked() : query).execute();
    for (const row of rows)
      await endAttempt(trx, row, now, {
        error: `The worker ${row.lease_owner} has stopped: its lease expired in attempt ${row.attempt}.`,
        retryAt: now,
      });
  });
}

function selectExpired(db: Db, now: number) {
  return db
    .selectFrom("work_item")
    .where("state", "=", "running")
    .where("lease_expires_at", "<=", now)
    .limit(EXPIRED_AT_ONCE);
}
