import type { Context, Db } from "../context.js";
import { isPostgres } from "../store/is-postgres.js";
import { createBell } from "../work-items/bell.js";
import { post } from "./post.js";

export interface DeliveryOptions {
  /** Ends the loop; what is on its way is sent again later. */
  readonly signal: AbortSignal;
  /** Whether webhooks may be in private networks; false by default. */
  readonly allowPrivate?: boolean;
  /** Milliseconds between looks at an empty queue; 1000 by default. */
  readonly pollMs?: number;
  /** Milliseconds that a receiver has for its response; 10,000 by default. */
  readonly timeoutMs?: number;
  /** Deliveries at the same time, of different webhooks; 8 by default. */
  readonly concurrency?: number;
  /** Milliseconds from a failed attempt, from 1, to the next; 10 s, then 4 times as long, at most 6 h. */
  readonly retryDelayMs?: (attempt: number) => number;
  /** Errors of the database; the loop goes on. */
  readonly onError?: (error: unknown) => void;
}

export const MAX_DELIVERY_ATTEMPTS = 8;

/** Milliseconds more than a receiver may take, in which no other process takes the same delivery. */
const LEASE_MARGIN_MS = 60_000;

const MAX_ERROR = 1000;

type Settings = Required<DeliveryOptions>;

interface Delivery {
  readonly id: string;
  readonly webhook: string;
  readonly url: string;
  readonly secret: string;
  readonly event: string;
  readonly body: string;
  readonly attempt: number;
}

/**
 * Sends what webhooks are to be told, at least once each, until the signal is aborted. A webhook gets one
 * delivery at a time, so a slow receiver delays only its own. Statuses of 200 to 299 end a delivery; others,
 * redirects too, are tried again, at most 8 times.
 */
export async function runDeliveries(context: Context, options: DeliveryOptions): Promise<void> {
  const settings: Settings = {
    ...{ allowPrivate: false, pollMs: 1000, timeoutMs: 10_000, concurrency: 8 },
    ...{ retryDelayMs: defaultDelayMs, onError: () => undefined, ...options },
  };
  const running = new Map<string, Promise<void>>();
  const bell = createBell();
  const { signal } = settings;
  signal.addEventListener("abort", bell.ring);
  while (!signal.aborted) {
    const isFull = running.size >= settings.concurrency;
    const delivery = isFull
      ? undefined
      : await take(context, [...running.keys()], settings).catch(settings.onError);
    if (delivery) {
      const sent = send(context, delivery, settings)
        .catch(settings.onError)
        .finally(() => {
          running.delete(delivery.webhook);
          bell.ring();
        });
      running.set(delivery.webhook, sent as Promise<void>);
    } else if (!signal.aborted) await bell.wait(isFull ? undefined : settings.pollMs);
  }
  signal.removeEventListener("abort", bell.ring);
  await Promise.all(running.values());
}

function defaultDelayMs(attempt: number): number {
  return Math.min(10_000 * 4 ** (attempt - 1), 6 * 3_600_000);
}

/** Takes the next delivery that is due. It is due again after a while, should this process end meanwhile. */
async function take(
  { db, now }: Context,
  busy: readonly string[],
  { timeoutMs }: Settings,
): Promise<Delivery | undefined> {
  if (!(await selectDue(db, now(), busy).executeTakeFirst())) return undefined; // mostly there is nothing
  return db.transaction().execute(async (trx) => {
    const due = selectDue(trx, now(), busy);
    const delivery = await (isPostgres(trx)
      ? due.forUpdate("webhook_delivery").skipLocked()
      : due
    ).executeTakeFirst();
    if (!delivery) return undefined;
    await trx
      .updateTable("webhook_delivery")
      .set({ attempt: delivery.attempt + 1, next_at: now() + timeoutMs + LEASE_MARGIN_MS })
      .where("id", "=", delivery.id)
      .execute();
    return { ...delivery, attempt: delivery.attempt + 1 };
  });
}

/** @param busy webhooks that have a delivery on its way */
function selectDue(db: Db, now: number, busy: readonly string[]) {
  const query = db
    .selectFrom("webhook_delivery")
    .innerJoin("webhook", "webhook.id", "webhook_delivery.webhook_id")
    .select(["webhook_delivery.id", "webhook_id as webhook", "url", "secret", "event", "body", "attempt"])
    .where("state", "=", "waiting")
    .where("next_at", "<=", now)
    .orderBy("next_at")
    .orderBy("webhook_delivery.id")
    .limit(1);
  return busy.length > 0 ? query.where("webhook_id", "not in", busy) : query;
}

async function send(context: Context, delivery: Delivery, settings: Settings): Promise<void> {
  let status: number | null = null;
  let error: string | null = null;
  try {
    status = await post({ ...settings, ...delivery });
    if (status < 200 || status > 299) error = `The response was ${status}.`;
  } catch (cause) {
    error = cause instanceof Error ? cause.message || cause.name : String(cause);
  }
  const { db, now } = context;
  const isOver = delivery.attempt >= MAX_DELIVERY_ATTEMPTS && !settings.signal.aborted;
  await db
    .updateTable("webhook_delivery")
    .set({
      state: error === null ? "delivered" : isOver ? "failed" : "waiting",
      // An attempt that the end of this process cut short does not count.
      attempt: delivery.attempt - (error !== null && settings.signal.aborted ? 1 : 0),
      next_at: now() + (settings.signal.aborted ? 0 : settings.retryDelayMs(delivery.attempt)),
      status,
      error: error?.slice(0, MAX_ERROR) ?? null,
    })
    .where("id", "=", delivery.id)
    .where("attempt", "=", delivery.attempt)
    .where("state", "=", "waiting")
    .execute();
}
