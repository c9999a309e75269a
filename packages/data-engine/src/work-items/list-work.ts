import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { toWorkItem, type WorkState } from "./work-item.js";
import type { WorkCount, WorkFilter, WorkPage } from "./work-queue.js";

const MAX_LIMIT = 1000;

/** @throws DataEngineError `invalid` */
export function checkLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new DataEngineError("invalid", `The limit is ${limit}; it must be 1 to ${MAX_LIMIT}.`);
  return limit;
}

export async function listWork(db: Db, filter: WorkFilter = {}): Promise<WorkPage> {
  const { kind, state, project, after, limit = 100 } = filter;
  let query = db
    .selectFrom("work_item")
    .selectAll()
    .orderBy("id", "desc")
    .limit(checkLimit(limit) + 1);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  if (state !== undefined) query = query.where("state", "=", state);
  if (project !== undefined) query = query.where("project_id", "=", project);
  if (after !== undefined) query = query.where("id", "<", after);
  const items = (await query.execute()).map(toWorkItem);
  return { items: items.slice(0, limit), next: items.length > limit ? items[limit - 1]!.id : null };
}

export async function countWork(db: Db): Promise<readonly WorkCount[]> {
  const rows = await db
    .selectFrom("work_item")
    .select((eb) => ["kind", "state", eb.fn.countAll<number>().as("count")])
    .groupBy(["state", "kind"])
    .orderBy("kind")
    .orderBy("state")
    .execute();
  return rows.map((row) => ({ ...row, state: row.state as WorkState }));
}
