import type { Db } from "../context.js";

/** What waits for people and for the machine. */
export interface QueueHealth {
  readonly jobs: readonly { readonly stage: string; readonly state: string; readonly count: number }[];
  readonly work: readonly { readonly kind: string; readonly state: string; readonly count: number }[];
  /** How long the job has waited that has waited longest for a person, milliseconds; null if none waits. */
  readonly oldestJobMs: number | null;
  /** The same of work of the machine that is due. */
  readonly oldestWorkMs: number | null;
}

export async function readQueueHealth(db: Db, project: string, now: number): Promise<QueueHealth> {
  const jobs = await db
    .selectFrom("job")
    .where("project_id", "=", project)
    .select((eb) => ["stage", "state", eb.fn.countAll<number>().as("count")])
    .groupBy(["stage", "state"])
    .orderBy("stage")
    .orderBy("state")
    .execute();
  const work = await db
    .selectFrom("work_item")
    .where("project_id", "=", project)
    .select((eb) => ["kind", "state", eb.fn.countAll<number>().as("count")])
    .groupBy(["kind", "state"])
    .orderBy("kind")
    .orderBy("state")
    .execute();
  const { since } = await db
    .selectFrom("job")
    .where("project_id", "=", project)
    .where("state", "in", ["new", "rejected"])
    .select((eb) => eb.fn.min("updated_at").as("since"))
    .executeTakeFirstOrThrow();
  const { due } = await db
    .selectFrom("work_item")
    .where("project_id", "=", project)
    .where("state", "=", "queued")
    .where("run_at", "<=", now)
    .select((eb) => eb.fn.min("run_at").as("due"))
    .executeTakeFirstOrThrow();
  return { jobs, work, oldestJobMs: since && now - since, oldestWorkMs: due && now - due };
}
