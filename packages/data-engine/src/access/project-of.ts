import type { Db } from "../context.js";

/** Things that belong to a project. */
export type ObjectKind =
  | "project"
  | "task"
  | "job"
  | "annotation"
  | "issue"
  | "comment"
  | "invitation"
  | "webhook"
  | "delivery"
  | "work"
  | "model";

/**
 * The project that an object belongs to; null for work of no project; undefined if there is no such object.
 */
export async function projectOf(db: Db, kind: ObjectKind, id: string): Promise<string | null | undefined> {
  return (await FINDERS[kind](db, id))?.project_id;
}

/** Things that belong to a job. */
export type JobObject = "job" | "annotation" | "issue";

/** The job that an object belongs to; undefined if there is no such object. */
export async function jobOf(db: Db, kind: JobObject, id: string): Promise<string | undefined> {
  if (kind === "job") return id;
  const table = kind === "annotation" ? "annotation" : "review_issue";
  return (await db.selectFrom(table).select("job_id").where("id", "=", id).executeTakeFirst())?.job_id;
}

type Finder = (db: Db, id: string) => Promise<{ readonly project_id: string | null } | undefined>;

const FINDERS: Readonly<Record<ObjectKind, Finder>> = {
  project: (db, id) =>
    db.selectFrom("project").select("id as project_id").where("id", "=", id).executeTakeFirst(),
  task: byOwnColumn("task"),
  job: byOwnColumn("job"),
  annotation: byOwnColumn("annotation"),
  invitation: byOwnColumn("invitation"),
  webhook: byOwnColumn("webhook"),
  work: byOwnColumn("work_item"),
  model: byOwnColumn("model_version"),
  issue: (db, id) =>
    db
      .selectFrom("review_issue")
      .innerJoin("job", "job.id", "review_issue.job_id")
      .select("job.project_id")
      .where("review_issue.id", "=", id)
      .executeTakeFirst(),
  comment: (db, id) =>
    db
      .selectFrom("review_comment")
      .innerJoin("review_issue", "review_issue.id", "review_comment.issue_id")
      .innerJoin("job", "job.id", "review_issue.job_id")
      .select("job.project_id")
      .where("review_comment.id", "=", id)
      .executeTakeFirst(),
  delivery: (db, id) =>
    db
      .selectFrom("webhook_delivery")
      .innerJoin("webhook", "webhook.id", "webhook_delivery.webhook_id")
      .select("webhook.project_id")
      .where("webhook_delivery.id", "=", id)
      .executeTakeFirst(),
};

type OwnColumn = "task" | "job" | "annotation" | "invitation" | "webhook" | "work_item" | "model_version";

function byOwnColumn(table: OwnColumn): Finder {
  return (db, id) => db.selectFrom(table).select("project_id").where("id", "=", id).executeTakeFirst();
}
