import type { MaskAnnotation } from "@segany/dataset";
import type { AnnotationChange } from "../annotations/annotation.js";
import { type Place, storeChanges } from "../annotations/store-change.js";
import { uuidOf } from "../annotations/uuid-of.js";
import type { Db } from "../context.js";
import { type Job, toJob, updateJob } from "../work/job.js";

/** Where an image of the task is labelled, by the image's name. */
export async function importedPlaces(
  db: Db,
  task: string,
): Promise<ReadonlyMap<string, Pick<Place, "job" | "image">>> {
  const jobs = new Map((await jobsOf(db, task)).map((job) => [job.id, job]));
  const rows = await db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .innerJoin("image", "image.id", "job_image.image_id")
    .select(["image.id", "image.width", "image.height", "image.created_at"])
    .select(["job_image.name", "job_image.job_id"])
    .where("job.task_id", "=", task)
    .execute();
  return new Map(rows.map(({ name, job_id, ...image }) => [name, { job: jobs.get(job_id)!, image }]));
}

async function jobsOf(db: Db, task: string): Promise<readonly Job[]> {
  const rows = await db.selectFrom("job").selectAll().where("task_id", "=", task).execute();
  return rows.map(toJob);
}

/** Stores masks as first revisions, each once in a run. */
export async function storeImported(
  trx: Db,
  place: Place,
  masks: readonly MaskAnnotation[],
  set: {
    readonly names: ReadonlyMap<number, string>;
    readonly from: string;
    readonly run: string;
  },
): Promise<void> {
  const changes = masks.map(({ segmentation, categoryId }, i): AnnotationChange => {
    const className = (categoryId === undefined ? undefined : set.names.get(categoryId)) ?? null;
    const id = (what: string) => uuidOf(`${set.run} ${place.image.id} ${i} ${what}`);
    const ids = { change: id("change"), annotation: id("annotation"), base: 0 };
    const provenance = { source: "imported" as const, from: set.from };
    return { ...ids, kind: "put", mask: segmentation, className, provenance };
  });
  await storeChanges(trx, place, changes);
}

/** Takes all of a task as accepted work of a person. */
export async function acceptImported(trx: Db, now: number, person: string, task: string): Promise<void> {
  for (const job of await jobsOf(trx, task)) {
    await trx.updateTable("job_image").set({ state: "done" }).where("job_id", "=", job.id).execute();
    const change = { stage: "acceptance", state: "completed", assignee: person, annotator: person };
    await updateJob(trx, job, now, change);
  }
}
