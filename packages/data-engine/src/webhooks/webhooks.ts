import { randomBytes } from "node:crypto";
import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { newId } from "../store/ids.js";
import type { WebhookDeliveryTable } from "../store/schema.js";
import { checkUrl } from "./check-url.js";

export interface Webhook {
  readonly id: string;
  readonly project: string;
  readonly url: string;
  /** `create:task`, `update:job`, … */
  readonly events: readonly string[];
  readonly createdAt: number;
}

export interface NewWebhook {
  readonly project: string;
  /** Of http or https. */
  readonly url: string;
  /** `create:task`, `update:job`, …; an update is also what has a name of its own, such as `accept:job`. */
  readonly events: readonly string[];
  /** At least 16 characters; a random one by default. */
  readonly secret?: string;
}

/** `waiting` for its first or next attempt, `delivered`, or `failed` after the last one. */
export type DeliveryState = "waiting" | "delivered" | "failed";

export interface WebhookDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  /** What is sent: JSON. */
  readonly body: string;
  readonly attempt: number;
  readonly state: DeliveryState;
  /** Time of the next attempt while it waits. */
  readonly nextAt: number;
  /** HTTP status of the last attempt; null if no response came. */
  readonly status: number | null;
  readonly error: string | null;
  readonly createdAt: number;
}

/** Addresses that are told what happens in a project. */
export interface Webhooks {
  /**
   * @returns the webhook with its secret, which is never shown again: receivers need it to check signatures
   * @throws DataEngineError `invalid`, `not-found` without such a project
   */
  create(person: string, webhook: NewWebhook): Promise<Webhook & { readonly secret: string }>;
  /** Oldest first. */
  list(project: string): Promise<readonly Webhook[]>;
  /** @throws DataEngineError `not-found` */
  get(id: string): Promise<Webhook>;
  /** What waits for it is not delivered any more. @throws DataEngineError `not-found` */
  delete(person: string, id: string): Promise<void>;
  /** Newest first. @param options.after id of the last one seen */
  deliveries(
    webhook: string,
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly WebhookDelivery[]>;
  /** Sends a delivery again that failed or was delivered. @throws DataEngineError `not-found` */
  redeliver(webhook: string, delivery: string): Promise<WebhookDelivery>;
}

const MIN_SECRET = 16;
const EVENT = /^[a-z]+:(project|task|job|issue|comment|member|invitation|webhook)$/;

/** @param options.allowPrivate whether webhooks may be in private networks; false by default */
export function createWebhooks(
  context: Context,
  options: { readonly allowPrivate?: boolean } = {},
): Webhooks {
  const { db, now } = context;
  return {
    create: (person, webhook) => createWebhook(context, person, webhook, options.allowPrivate ?? false),
    list: async (project) =>
      (await selectWebhooks(db).where("project_id", "=", project).orderBy("id").execute()).map(toWebhook),
    get: (id) => getWebhook(db, id),
    delete: (person, id) => deleteWebhook(context, person, id),
    async deliveries(webhook, { after, limit = 100 } = {}) {
      let query = db.selectFrom("webhook_delivery").selectAll().where("webhook_id", "=", webhook);
      if (after !== undefined) query = query.where("id", "<", after);
      return (await query.orderBy("id", "desc").limit(limit).execute()).map(toDelivery);
    },
    async redeliver(webhook, delivery) {
      const row = await db
        .updateTable("webhook_delivery")
        .set({ state: "waiting", attempt: 0, next_at: now() })
        .where("id", "=", delivery)
        .where("webhook_id", "=", webhook)
        .returningAll()
        .executeTakeFirst();
      if (!row) throw new DataEngineError("not-found", `There is no delivery ${delivery}.`);
      return toDelivery(row);
    },
  };
}

async function createWebhook(
  { db, now }: Context,
  person: string,
  { project, url, events, secret = randomBytes(32).toString("base64url") }: NewWebhook,
  allowPrivate: boolean,
): Promise<Webhook & { readonly secret: string }> {
  checkUrl(url, allowPrivate);
  const unknown = events.find((event) => !EVENT.test(event));
  if (events.length === 0 || unknown !== undefined)
    throw new DataEngineError(
      "invalid",
      `"${unknown ?? ""}" is no event. Events are such as create:task and update:job.`,
    );
  if (secret.length < MIN_SECRET)
    throw new DataEngineError(
      "invalid",
      `The secret is too short: give it at least ${MIN_SECRET} characters.`,
    );
  const row = {
    id: newId(now()),
    project_id: project,
    url,
    events_json: JSON.stringify([...new Set(events)]),
  };
  await db.transaction().execute(async (trx) => {
    const found = await trx.selectFrom("project").select("id").where("id", "=", project).executeTakeFirst();
    if (!found) throw new DataEngineError("not-found", `There is no project ${project}.`);
    await trx
      .insertInto("webhook")
      .values({ ...row, secret, created_at: now(), disabled_at: null })
      .execute();
    const entry = { person, event: "create:webhook", project, object: row.id };
    await audit(trx, now(), { ...entry, details: { url, events } });
  });
  return { ...toWebhook({ ...row, created_at: now() }), secret };
}

function deleteWebhook({ db, now }: Context, person: string, id: string): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const { project } = await getWebhook(trx, id);
    await trx.updateTable("webhook").set({ disabled_at: now() }).where("id", "=", id).execute();
    await trx
      .updateTable("webhook_delivery")
      .set({ state: "failed", error: "The webhook was deleted." })
      .where("webhook_id", "=", id)
      .where("state", "=", "waiting")
      .execute();
    await audit(trx, now(), { person, event: "delete:webhook", project, object: id });
  });
}

/** The secret is not read. */
function selectWebhooks(db: Db) {
  return db
    .selectFrom("webhook")
    .select(["id", "project_id", "url", "events_json", "created_at"])
    .where("disabled_at", "is", null);
}

async function getWebhook(db: Db, id: string): Promise<Webhook> {
  const row = await selectWebhooks(db).where("id", "=", id).executeTakeFirst();
  if (!row) throw new DataEngineError("not-found", `There is no webhook ${id}.`);
  return toWebhook(row);
}

function toWebhook(row: Awaited<ReturnType<ReturnType<typeof selectWebhooks>["execute"]>>[number]): Webhook {
  return {
    id: row.id,
    project: row.project_id,
    url: row.url,
    events: JSON.parse(row.events_json) as string[],
    createdAt: row.created_at,
  };
}

function toDelivery(row: WebhookDeliveryTable): WebhookDelivery {
  const { id, event, body, attempt, status, error } = row;
  return {
    ...{ id, webhook: row.webhook_id, event, body, attempt, state: row.state as DeliveryState },
    ...{ nextAt: row.next_at, status, error, createdAt: row.created_at },
  };
}
