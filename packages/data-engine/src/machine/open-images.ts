import { sql } from "kysely";
import type { Db } from "../context.js";

/** An image that is still to be labelled, in its job. */
export interface OpenImage {
  readonly job: string;
  readonly image: string;
  readonly at: ImagePosition;
}

/** The place of an image in its task: of jobs as they were made, which stays when others come first. */
export type ImagePosition = readonly [job: string, position: number];

/** Images that are read from the database at once. */
const PAGE = 200;

const START: ImagePosition = ["", -1];

/** Open images of a task, of jobs that are labelled once. */
function selectOpen(db: Db, task: string, [job, position]: ImagePosition) {
  return db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .where("job.task_id", "=", task)
    .where("job.type", "=", "annotation")
    .where("job.stage", "=", "annotation")
    .where("job_image.state", "=", "open")
    .where(sql<boolean>`(job.id, job_image.position) > (${job}, ${position})`)
    .where(sql<boolean>`not exists (select 1 from job as replica where replica.parent_id = job.id)`);
}

/** @param after the last one that was seen; null for all */
export async function countOpen(db: Db, task: string, after: ImagePosition | null): Promise<number> {
  const { count } = await selectOpen(db, task, after ?? START)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

/** The same one by one, in the order of their positions. */
export async function* openImages(
  db: Db,
  task: string,
  after: ImagePosition | null,
): AsyncGenerator<OpenImage> {
  let last = after ?? START;
  for (;;) {
    const rows = await selectOpen(db, task, last)
      .select(["job.id as job", "job_image.image_id as image", "job_image.position"])
      .orderBy("job.id")
      .orderBy("job_image.position")
      .limit(PAGE)
      .execute();
    for (const { job, image, position } of rows) {
      last = [job, position];
      yield { job, image, at: last };
    }
    if (rows.length < PAGE) return;
  }
}
