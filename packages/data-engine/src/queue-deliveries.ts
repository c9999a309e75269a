import type { Db } from "./context.js";
import { newId } from "./store/ids.js";

/** What webhooks are told of. */
export interface WebhookEvent {
  readonly event: string;
  readonly project: string;
  readonly person: string | null;
  readonly object: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Queues a delivery for each webhook of the project that wants the event, in the transaction of what it tells
 * of: nothing is told that did not happen, and nothing that happened is forgotten.
 */
export async function queueDeliveries(db: Db, now: number, event: WebhookEvent): Promise<void> {
  const webhooks = await db
    .selectFrom("webhook")
    .select(["id", "events_json"])
    .where("project_id", "=", event.project)
    .where("disabled_at", "is", null)
    .execute();
  for (const webhook of webhooks) {
    if (!isWanted(event.event, JSON.parse(webhook.events_json) as string[])) continue;
    const id = newId(now);
    await db
      .insertInto("webhook_delivery")
      .values({
        ...{ id, webhook_id: webhook.id, event: event.event, attempt: 0, state: "waiting", next_at: now },
        body: JSON.stringify({ delivery: id, at: new Date(now).toISOString(), ...event }),
        ...{ status: null, error: null, created_at: now },
      })
      .execute();
  }
}

/** What changes an object in any way, such as `accept:job`, is an update of it as well. */
function isWanted(event: string, wanted: readonly string[]): boolean {
  if (wanted.includes(event)) return true;
  const [verb, object] = event.split(":");
  return verb !== "create" && verb !== "delete" && wanted.includes(`update:${object}`);
}
