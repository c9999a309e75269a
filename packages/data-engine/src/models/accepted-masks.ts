import { sql } from "kysely";
import type { Db } from "../context.js";

/** Present masks of a project's accepted images, as exports have them. */
export const acceptedMasks = (db: Db, project: string) =>
  db
    .selectFrom("annotation")
    .innerJoin("job", "job.id", "annotation.job_id")
    .innerJoin("task", "task.id", "job.task_id")
    .innerJoin("job_image", (join) =>
      join
        .onRef("job_image.job_id", "=", "annotation.job_id")
        .onRef("job_image.image_id", "=", "annotation.image_id"),
    )
    .where("annotation.project_id", "=", project)
    .where("annotation.deleted_at", "is", null)
    .where("job.type", "=", "annotation")
    .where("job.stage", "=", "acceptance")
    .where("job_image.state", "=", "done")
    .where("task.purpose", "=", "production")
    .where("task.deleted_at", "is", null);

/** How many there are. */
export async function countAcceptedMasks(db: Db, project: string): Promise<number> {
  const { count } = await acceptedMasks(db, project)
    .select(sql<number>`count(*)`.as("count"))
    .executeTakeFirstOrThrow();
  return count;
}
