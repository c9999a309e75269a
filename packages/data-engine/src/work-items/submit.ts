import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { newId } from "../store/ids.js";
import type { WorkItemTable } from "../store/schema.js";
import { type NewWork, toJson } from "./work-item.js";

export const DEFAULT_ATTEMPTS = 3;
const DEFAULT_PRIORITY = 100;
const MAX_PRIORITY = 1000;
const MAX_ATTEMPTS = 1000;
const MAX_KIND = 100;

/** Rows in one statement: both databases limit the number of parameters. */
const ROWS_AT_ONCE = 200;

/** @throws DataEngineError `invalid` */
export async function insertWork(db: Db, now: number, work: readonly NewWork[]): Promise<WorkItemTable[]> {
  const rows = work.map((one) => toRow(one, now));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    await db
      .insertInto("work_item")
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
  return rows;
}

function toRow(work: NewWork, now: number): WorkItemTable {
  const { kind, project = null, payload = null, priority = DEFAULT_PRIORITY } = work;
  if (kind === "" || kind.length > MAX_KIND)
    throw new DataEngineError("invalid", `"${kind}" is no kind of work: it has 1 to ${MAX_KIND} characters.`);
  checkInteger("The priority", priority, 0, MAX_PRIORITY);
  return {
    ...{
      id: work.id ?? newId(now),
      kind,
      project_id: project,
      payload_json: toJson(payload),
      state: "queued",
      priority,
    },
    ...{ attempt: 0, max_attempts: checkAttempts(work.maxAttempts ?? DEFAULT_ATTEMPTS) },
    ...{ run_at: work.runAt ?? now, lease_owner: null, lease_expires_at: null, cancel_requested: 0 },
    ...{ progress_json: null, result_json: null, error: null, created_at: now, updated_at: now },
  };
}

/** @throws DataEngineError `invalid` */
export function checkAttempts(attempts: number): number {
  return checkInteger("The number of attempts", attempts, 1, MAX_ATTEMPTS);
}

function checkInteger(what: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new DataEngineError(
      "invalid",
      `${what} is ${value}; it must be an integer of ${least} to ${most}.`,
    );
  return value;
}
