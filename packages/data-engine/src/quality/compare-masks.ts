import type { Db } from "../context.js";
import { matchMasks } from "../review/match-masks.js";
import { type MadeMask, readImageMasks } from "./made-masks.js";

/** A mask beside the same object's in another job. */
export interface ComparedMask {
  readonly mask: MadeMask;
  /** 0 where the other job has no mask of the object. */
  readonly iou: number;
}

/** The masks of an image in two jobs. */
interface ImagePair {
  readonly image: string;
  readonly job: string;
  readonly other: string;
}

/**
 * Masks on images whose ground truth is accepted, beside it.
 *
 * @param minIou from which two masks are of the same object
 * @param limit of images
 */
export async function compareWithTruth(
  db: Db,
  project: string,
  minIou: number,
  limit: number,
): Promise<readonly ComparedMask[]> {
  const pairs = await donePairs(db)
    .where("job.project_id", "=", project)
    .where("job.type", "!=", "ground_truth")
    .where("other.type", "=", "ground_truth")
    .where("other.stage", "=", "acceptance")
    .whereRef("other.task_id", "=", "job.task_id")
    .limit(limit)
    .execute();
  return compare(db, pairs, minIou);
}

/** Masks of replicas, each beside those of the other replicas of the same images. */
export async function compareReplicas(
  db: Db,
  project: string,
  minIou: number,
  limit: number,
): Promise<readonly ComparedMask[]> {
  const pairs = await donePairs(db)
    .where("job.project_id", "=", project)
    .where("job.type", "=", "consensus_replica")
    .where("job.stage", "=", "acceptance")
    .where("other.stage", "=", "acceptance")
    .whereRef("other.parent_id", "=", "job.parent_id")
    .whereRef("other.id", "!=", "job.id")
    .limit(limit)
    .execute();
  return compare(db, pairs, minIou);
}

/** Images that are done in two jobs, newest jobs first. */
function donePairs(db: Db) {
  return db
    .selectFrom("job")
    .innerJoin("job_image as own", "own.job_id", "job.id")
    .innerJoin("job_image as known", "known.image_id", "own.image_id")
    .innerJoin("job as other", "other.id", "known.job_id")
    .select(["own.image_id as image", "job.id as job", "other.id as other"])
    .where("own.state", "=", "done")
    .where("known.state", "=", "done")
    .orderBy("job.id", "desc")
    .orderBy("own.position")
    .orderBy("other.id");
}

async function compare(
  db: Db,
  pairs: readonly ImagePair[],
  minIou: number,
): Promise<readonly ComparedMask[]> {
  const compared: ComparedMask[] = [];
  for (const { image, job, other } of pairs) {
    const masks = await readImageMasks(db, job, image);
    const others = await readImageMasks(db, other, image);
    const matches = matchMasks(
      masks.map(({ runs }) => runs),
      others.map(({ runs }) => runs),
      minIou,
    );
    const ious = new Map(matches.map(({ a, iou }) => [a, iou]));
    for (const [i, mask] of masks.entries()) compared.push({ mask, iou: ious.get(i) ?? 0 });
  }
  return compared;
}
