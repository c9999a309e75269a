import type { Db } from "./context.js";
import { queueDeliveries } from "./queue-deliveries.js";

/** What happened, in the words of webhooks. */
export interface AuditEntry {
  /** null for the machine. */
  readonly person: string | null;
  /** `create:task`, `update:job`, … */
  readonly event: string;
  readonly project: string | null;
  readonly object: string;
  /** Never a password, a token or a mask. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Writes an entry of the audit log, and queues it for the project's webhooks, in the transaction of what it
 * tells of.
 */
export async function audit(db: Db, now: number, entry: AuditEntry): Promise<void> {
  await db
    .insertInto("audit_log")
    .values({
      at: now,
      person_id: entry.person,
      event: entry.event,
      project_id: entry.project,
      object_id: entry.object,
      details_json: JSON.stringify(entry.details ?? {}),
    })
    .execute();
  const { event, project, person, object, details = {} } = entry;
  if (project !== null) await queueDeliveries(db, now, { event, project, person, object, details });
}
