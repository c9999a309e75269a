import { sql } from "kysely";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { getProject } from "../projects/projects.js";
import { type Job, toJob, updateJob } from "./job.js";
import { type ImageLock, takeLock } from "./locks.js";
import { trainingJob } from "./training-job.js";

/** The pull queue: each person gets the next image, and no two the same one. */
export interface Queue {
  /**
   * The next image to label: of the person's own jobs first, rejected ones before others, then of a job that
   * nobody has. Such a job is assigned to the person; if nothing of it is labelled when its lock expires,
   * another gets it. Who has not passed the project's training tasks gets these first.
   *
   * @returns the lock on the image; undefined if there is nothing to do
   * @throws DataEngineError `not-found`
   */
  next(person: string, project: string): Promise<ImageLock | undefined>;
  /**
   * The next job to review: one of the person's first, then one that nobody reviews. Nobody reviews what they
   * labelled.
   */
  nextReview(person: string, project: string): Promise<Job | undefined>;
}

/** Attempts when another takes the same job at the same moment. */
const MAX_ATTEMPTS = 20;

export function createQueue({ db, now }: Context): Queue {
  return {
    next: (person, project) =>
      retry(() =>
        db.transaction().execute(async (trx) => {
          await getProject(trx, project);
          const job =
            (await trainingJob(trx, now(), person, project)) ??
            (await ownJob(trx, person, project, now())) ??
            (await unclaimedJob(trx, person, project, now()));
          if (!job) return undefined;
          const mine =
            job.assignee === person ? job : await updateJob(trx, job, now(), { assignee: person, pulled: 1 });
          const image = await openImage(trx, mine.id, person, now());
          return image === undefined ? undefined : takeLock(trx, now(), mine, image);
        }),
      ),
    nextReview: (person, project) =>
      retry(() =>
        db.transaction().execute(async (trx) => {
          await getProject(trx, project);
          const waiting = jobsOf(trx, project)
            .where("job.stage", "=", "validation")
            .where("job.state", "in", ["new", "in progress"])
            .where(sql<boolean>`coalesce(job.annotator, '') <> ${person}`)
            .orderBy("job.rank")
            .orderBy("job.id")
            .limit(1);
          const row =
            (await waiting.where("job.assignee", "=", person).executeTakeFirst()) ??
            (await waiting.where("job.assignee", "is", null).executeTakeFirst());
          const job = row && toJob(row);
          if (!job || (job.assignee === person && job.state === "in progress")) return job;
          return updateJob(trx, job, now(), { assignee: person, reviewer: person, state: "in progress" });
        }),
      ),
  };
}

/** Repeats a transaction that lost a race. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      const raced = error instanceof DataEngineError && ["conflict", "lock-lost"].includes(error.code);
      if (!raced || attempts === MAX_ATTEMPTS) throw error;
    }
  }
}

const jobsOf = (db: Db, project: string) =>
  db
    .selectFrom("job")
    .innerJoin("task", "task.id", "job.task_id")
    .selectAll("job")
    .where("job.project_id", "=", project)
    .where("task.deleted_at", "is", null);

/** Images that are to be labelled and that no other person holds. */
const isOpenFor = (person: string, now: number) => sql<boolean>`job_image.state = 'open' and
  (lock_person is null or lock_person = ${person} or lock_expires_at <= ${now})`;

/** Jobs of the stage annotation with such an image. */
const workable = (db: Db, person: string, project: string, now: number) =>
  jobsOf(db, project)
    .where("job.stage", "=", "annotation")
    .where(sql<boolean>`exists (
    select 1 from job_image where job_image.job_id = job.id and ${isOpenFor(person, now)})`);

async function ownJob(db: Db, person: string, project: string, now: number): Promise<Job | undefined> {
  for (const state of ["rejected", "in progress", "new"]) {
    const row = await workable(db, person, project, now)
      .where("job.state", "=", state)
      .where("job.assignee", "=", person)
      .where("job.type", "!=", "ground_truth")
      .where("task.purpose", "=", "production")
      .orderBy("job.rank")
      .orderBy("job.id")
      .limit(1)
      .executeTakeFirst();
    if (row) return toJob(row);
  }
  return undefined;
}

/** Pulled by somebody whose locks expired and who labelled nothing. */
const isAbandoned = (now: number) => sql<boolean>`(job.pulled = 1 and not exists (
    select 1 from job_image where job_image.job_id = job.id
      and (job_image.state <> 'open' or lock_expires_at > ${now}))
  and not exists (select 1 from annotation where annotation.job_id = job.id))`;

/** Replicas are blind: nobody labels the same images twice. */
const hasReplica = (person: string) => sql<boolean>`exists (
  select 1 from job as sibling where sibling.parent_id = job.parent_id and sibling.id <> job.id
    and (sibling.assignee = ${person} or sibling.annotator = ${person}))`;

/** A new job that nobody has, or one that was pulled and left with nothing labelled. */
async function unclaimedJob(db: Db, person: string, project: string, now: number): Promise<Job | undefined> {
  const candidates = workable(db, person, project, now)
    .where("job.type", "in", ["annotation", "consensus_replica", "audit"])
    .where("task.purpose", "=", "production")
    .where(sql<boolean>`not ${hasReplica(person)}`)
    .orderBy("job.rank")
    .orderBy("job.id")
    .limit(1);
  const row =
    (await candidates.where("job.state", "=", "new").where("job.assignee", "is", null).executeTakeFirst()) ??
    (await candidates.where("job.state", "=", "in progress").where(isAbandoned(now)).executeTakeFirst());
  return row && toJob(row);
}

async function openImage(db: Db, job: string, person: string, now: number): Promise<string | undefined> {
  const row = await db
    .selectFrom("job_image")
    .select("image_id")
    .where("job_id", "=", job)
    .where(isOpenFor(person, now))
    .orderBy("position")
    .limit(1)
    .executeTakeFirst();
  return row?.image_id;
}
