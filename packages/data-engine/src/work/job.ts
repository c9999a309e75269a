import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import type { JobImageTable, JobTable } from "../store/schema.js";

/** Where a job is on its way: labelled, reviewed, accepted. */
export type JobStage = "annotation" | "validation" | "acceptance";

/** How far the work of the stage is. `rejected` is of the stage annotation: it is to be corrected. */
export type JobState = "new" | "in progress" | "completed" | "rejected";

export type JobType = "annotation" | "ground_truth" | "consensus_replica" | "audit";

/** Images of a task that one person labels, then another reviews. */
export interface Job {
  readonly id: string;
  readonly task: string;
  readonly project: string;
  readonly type: JobType;
  readonly stage: JobStage;
  readonly state: JobState;
  /** Whose turn it is; null for the first who pulls it. */
  readonly assignee: string | null;
  readonly annotator: string | null;
  readonly reviewer: string | null;
  /** Of a replica: the job that its masks are merged into. */
  readonly parent: string | null;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** An image of a job. */
export interface JobImage {
  readonly job: string;
  readonly image: string;
  readonly position: number;
  readonly name: string;
  readonly state: "open" | "done" | "skipped";
  readonly skipReason: string | null;
  /** Who works on it at present, by a lock that may have expired. */
  readonly lockedBy: string | null;
  readonly lockExpiresAt: number | null;
}

/** @throws DataEngineError `not-found` */
export async function getJob(db: Db, id: string): Promise<Job> {
  const row = await db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new DataEngineError("not-found", `There is no job ${id}.`);
  return toJob(row);
}

/** Changes a job in a transaction, with an entry of the audit log. */
export function changeJob(
  { db, now }: Context,
  person: string,
  id: string,
  event: string,
  transition: (trx: Db, job: Job) => Promise<Job>,
): Promise<Job> {
  return db.transaction().execute(async (trx) => {
    const after = await transition(trx, await getJob(trx, id));
    const { stage, state, assignee, project } = after;
    await audit(trx, now(), { person, event, project, object: id, details: { stage, state, assignee } });
    return after;
  });
}

/**
 * Changes a job that is as it was read.
 *
 * @throws DataEngineError `conflict` if another changed it since
 */
export async function updateJob(
  db: Db,
  job: Job,
  now: number,
  change: Partial<
    Pick<JobTable, "stage" | "state" | "assignee" | "annotator" | "reviewer" | "pulled" | "rank">
  >,
): Promise<Job> {
  const row = await db
    .updateTable("job")
    .set({ ...change, version: job.version + 1, updated_at: now })
    .where("id", "=", job.id)
    .where("version", "=", job.version)
    .returningAll()
    .executeTakeFirst();
  if (!row)
    throw new DataEngineError(
      "conflict",
      `The job ${job.id} was changed by another in between. Load it again.`,
    );
  return toJob(row);
}

export function toJob(row: JobTable): Job {
  return {
    id: row.id,
    task: row.task_id,
    project: row.project_id,
    type: row.type as JobType,
    stage: row.stage as JobStage,
    state: row.state as JobState,
    assignee: row.assignee,
    annotator: row.annotator,
    reviewer: row.reviewer,
    parent: row.parent_id,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toJobImage(row: JobImageTable): JobImage {
  return {
    job: row.job_id,
    image: row.image_id,
    position: row.position,
    name: row.name,
    state: row.state as JobImage["state"],
    skipReason: row.skip_reason,
    lockedBy: row.lock_person,
    lockExpiresAt: row.lock_expires_at,
  };
}
