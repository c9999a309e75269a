import { type MaskRuns, type Rle, rleToRuns } from "@segany/masks";
import { listAnnotations } from "../annotations/annotations.js";
import type { Db } from "../context.js";
import { type Agreement, addAgreement, agreementOf, NO_AGREEMENT } from "./match-masks.js";

/**
 * How well a job's masks agree with the task's accepted ground truth, on the images that both have.
 *
 * @returns undefined where they have no image in common
 */
export async function agreementWithTruth(
  db: Db,
  job: string,
  minIou: number,
): Promise<Agreement | undefined> {
  const shared = await db
    .selectFrom("job_image as own")
    .innerJoin("job", "job.id", "own.job_id")
    .innerJoin("job as truth", "truth.task_id", "job.task_id")
    .innerJoin("job_image as known", (join) =>
      join.onRef("known.job_id", "=", "truth.id").onRef("known.image_id", "=", "own.image_id"),
    )
    .select(["own.image_id", "truth.id as truth"])
    .where("own.job_id", "=", job)
    .where("own.state", "=", "done")
    .where("known.state", "=", "done")
    .where("truth.type", "=", "ground_truth")
    .where("truth.stage", "=", "acceptance")
    .whereRef("truth.id", "!=", "own.job_id")
    .execute();
  if (shared.length === 0) return undefined;
  let sum = NO_AGREEMENT;
  for (const { image_id, truth } of shared)
    sum = addAgreement(
      sum,
      agreementOf(await runsOf(db, truth, image_id), await runsOf(db, job, image_id), minIou),
    );
  return sum;
}

/** Present masks of an image in a job. */
async function runsOf(db: Db, job: string, image: string): Promise<MaskRuns[]> {
  return (await listAnnotations(db, job, image)).map(({ mask }) => rleToRuns(mask as Rle));
}
