import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { newId } from "../store/ids.js";
import { getJob } from "../work/job.js";

/** A remark pinned to a place on an image. */
export interface ReviewIssue {
  readonly id: string;
  readonly job: string;
  readonly image: string;
  readonly annotation: string | null;
  /** Pixels of the image. */
  readonly point: readonly [x: number, y: number];
  readonly createdBy: string;
  readonly createdAt: number;
  readonly resolvedAt: number | null;
  readonly resolvedBy: string | null;
  /** First to last; the first one says what the issue is. */
  readonly comments: readonly ReviewComment[];
}

export interface ReviewComment {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly createdAt: number;
}

export interface NewIssue {
  readonly job: string;
  readonly image: string;
  readonly annotation?: string;
  readonly point: readonly [x: number, y: number];
  readonly text: string;
}

export interface ReviewIssues {
  /** @throws DataEngineError `invalid` without a text, `not-found` */
  create(person: string, issue: NewIssue): Promise<ReviewIssue>;
  /** @throws DataEngineError `invalid` without a text, `not-found` */
  comment(person: string, issue: string, text: string): Promise<ReviewIssue>;
  /** Resolving twice is no error. @throws DataEngineError `not-found` */
  resolve(person: string, issue: string): Promise<ReviewIssue>;
  /** Opens it again. @throws DataEngineError `not-found` */
  reopen(person: string, issue: string): Promise<ReviewIssue>;
  /** @throws DataEngineError `not-found` */
  get(issue: string): Promise<ReviewIssue>;
  /** Of a job, in the order in which they were made. */
  list(job: string): Promise<readonly ReviewIssue[]>;
}

const MAX_TEXT = 10_000;

export function createReviewIssues({ db, now }: Context): ReviewIssues {
  return {
    create: (person, issue) =>
      db.transaction().execute(async (trx) => {
        const id = await addIssue(trx, now(), person, issue);
        const { project } = await getJob(trx, issue.job);
        await audit(trx, now(), { person, event: "create:issue", project, object: id });
        return getIssue(trx, id);
      }),
    comment: (person, id, text) =>
      db.transaction().execute(async (trx) => {
        const { job } = await getIssue(trx, id);
        const { project } = await getJob(trx, job);
        await addComment(trx, now(), person, id, text);
        await audit(trx, now(), { person, event: "create:comment", project, object: id });
        return getIssue(trx, id);
      }),
    resolve: (person, id) => setResolved(person, id, true),
    reopen: (person, id) => setResolved(person, id, false),
    get: (id) => getIssue(db, id),
    list: (job) => readIssues(db, "job_id", job),
  };

  async function setResolved(person: string, id: string, resolved: boolean): Promise<ReviewIssue> {
    return db.transaction().execute(async (trx) => {
      const issue = await getIssue(trx, id);
      if ((issue.resolvedAt !== null) === resolved) return issue;
      const change = resolved
        ? { resolved_at: now(), resolved_by: person }
        : { resolved_at: null, resolved_by: null };
      await trx.updateTable("review_issue").set(change).where("id", "=", id).execute();
      const { project } = await getJob(trx, issue.job);
      const event = resolved ? "resolve:issue" : "reopen:issue";
      await audit(trx, now(), { person, event, project, object: id });
      return { ...issue, resolvedAt: change.resolved_at, resolvedBy: change.resolved_by };
    });
  }
}

/** @returns the issue's id @throws DataEngineError `invalid` without a text, `not-found` */
export async function addIssue(db: Db, now: number, person: string, issue: NewIssue): Promise<string> {
  const image = await db
    .selectFrom("job_image")
    .innerJoin("image", "image.id", "job_image.image_id")
    .select(["width", "height"])
    .where("job_id", "=", issue.job)
    .where("image_id", "=", issue.image)
    .executeTakeFirst();
  if (!image) throw new DataEngineError("not-found", `The job ${issue.job} has no image ${issue.image}.`);
  const [x, y] = issue.point;
  if (!(x >= 0 && x <= image.width && y >= 0 && y <= image.height))
    throw new DataEngineError(
      "invalid",
      `The issue is at (${x}, ${y}), outside the image of ${image.width}x${image.height} pixels.`,
    );
  const id = newId(now);
  await db
    .insertInto("review_issue")
    .values({
      ...{ id, job_id: issue.job, image_id: issue.image, annotation_id: issue.annotation ?? null, x, y },
      ...{ created_by: person, created_at: now, resolved_at: null, resolved_by: null },
    })
    .execute();
  await addComment(db, now, person, id, issue.text);
  return id;
}

async function addComment(db: Db, now: number, author: string, issue: string, text: string): Promise<void> {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > MAX_TEXT)
    throw new DataEngineError(
      "invalid",
      `The comment has ${trimmed.length} characters; it must have 1 to ${MAX_TEXT}.`,
    );
  const row = { id: newId(now), issue_id: issue, author, text: trimmed, created_at: now };
  await db.insertInto("review_comment").values(row).execute();
}

async function getIssue(db: Db, id: string): Promise<ReviewIssue> {
  const [issue] = await readIssues(db, "id", id);
  if (!issue) throw new DataEngineError("not-found", `There is no issue ${id}.`);
  return issue;
}

async function readIssues(db: Db, column: "id" | "job_id", value: string): Promise<readonly ReviewIssue[]> {
  const rows = await db
    .selectFrom("review_issue")
    .selectAll()
    .where(column, "=", value)
    .orderBy("id")
    .execute();
  if (rows.length === 0) return [];
  const comments = await db
    .selectFrom("review_comment")
    .innerJoin("review_issue", "review_issue.id", "review_comment.issue_id")
    .selectAll("review_comment")
    .where(`review_issue.${column}`, "=", value)
    .orderBy("review_comment.id")
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, job: row.job_id, image: row.image_id, annotation: row.annotation_id },
    ...{ point: [row.x, row.y], createdBy: row.created_by, createdAt: row.created_at },
    ...{ resolvedAt: row.resolved_at, resolvedBy: row.resolved_by },
    comments: comments
      .filter(({ issue_id }) => issue_id === row.id)
      .map(({ id, author, text, created_at }) => ({ id, author, text, createdAt: created_at })),
  }));
}
