import type { Db } from "../context.js";
import { newId } from "../store/ids.js";
import type { JobState, JobType } from "./job.js";

export interface NewJob {
  readonly task: string;
  readonly project: string;
  readonly type: JobType;
  /** `new` by default. */
  readonly state?: JobState;
  /** null by default: for the first who pulls it. */
  readonly assignee?: string;
  readonly parent?: string;
  readonly rank: number;
  readonly images: readonly { readonly id: string; readonly name: string }[];
}

/** Rows in one statement: both databases limit the number of parameters. */
const ROWS_AT_ONCE = 200;

/** Adds a job with its images, in their order. @returns its id */
export async function addJob(db: Db, job: NewJob, now: number): Promise<string> {
  const id = newId(now);
  await db
    .insertInto("job")
    .values({
      ...{ id, task_id: job.task, project_id: job.project, type: job.type },
      ...{ stage: "annotation", state: job.state ?? "new", assignee: job.assignee ?? null, pulled: 0 },
      ...{ annotator: null, reviewer: null, parent_id: job.parent ?? null, rank: job.rank },
      ...{ version: 1, created_at: now, updated_at: now },
    })
    .execute();
  const rows = job.images.map((image, position) => ({
    ...{ job_id: id, image_id: image.id, position, name: image.name, state: "open", skip_reason: null },
    ...{ lock_person: null, lock_expires_at: null, lock_number: 0 },
  }));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    await db
      .insertInto("job_image")
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
  return id;
}
