import type { Db } from "../context.js";
import { addJob } from "./add-job.js";
import { getJob, type Job, toJob } from "./job.js";

/**
 * The training job that the person has not passed yet: of the project's oldest training task whose ground
 * truth is accepted. It is made when the person first asks for work.
 *
 * @returns undefined if the person has passed all, or labelled the ground truth and so knows it
 */
export async function trainingJob(
  db: Db,
  now: number,
  person: string,
  project: string,
): Promise<Job | undefined> {
  const truths = await db
    .selectFrom("job")
    .innerJoin("task", "task.id", "job.task_id")
    .select(["job.id", "job.task_id"])
    .where("task.project_id", "=", project)
    .where("task.purpose", "=", "training")
    .where("task.deleted_at", "is", null)
    .where("job.type", "=", "ground_truth")
    .where("job.stage", "=", "acceptance")
    .where("job.annotator", "!=", person)
    .orderBy("task.id")
    .execute();
  for (const truth of truths) {
    const own = await ownTrainingJob(db, person, truth.task_id);
    if (!own) return createOwn(db, now, person, truth.id);
    if (own.stage !== "acceptance") return own;
  }
  return undefined;
}

async function ownTrainingJob(db: Db, person: string, task: string): Promise<Job | undefined> {
  const row = await db
    .selectFrom("job")
    .selectAll()
    .where("task_id", "=", task)
    .where("type", "=", "annotation")
    .where((eb) => eb.or([eb("assignee", "=", person), eb("annotator", "=", person)]))
    .executeTakeFirst();
  return row && toJob(row);
}

/** A job with the images of the ground truth, for one person. */
async function createOwn(db: Db, now: number, person: string, truth: string): Promise<Job> {
  const { task, project } = await getJob(db, truth);
  const images = await db
    .selectFrom("job_image")
    .select(["image_id as id", "name"])
    .where("job_id", "=", truth)
    .orderBy("position")
    .execute();
  const id = await addJob(db, { task, project, type: "annotation", assignee: person, rank: 0, images }, now);
  return getJob(db, id);
}
