import { type PrefilledMask, type PrefillPlace, prefillImage } from "../annotations/prefill-image.js";
import type { Db } from "../context.js";

/** What a run found in an image. */
export interface RunImageResult {
  readonly masks?: readonly PrefilledMask[];
  /** See `doubtOf`. */
  readonly doubt?: number | null;
  /** Why it can't be read. */
  readonly problem?: string | null;
}

/**
 * Stores what a run made of an image: once, also if two attempts of the run are at it. An image that somebody
 * has at this moment gets nothing.
 */
export async function storeRunImage(
  trx: Db,
  now: number,
  place: PrefillPlace,
  { masks = [], doubt = null, problem = null }: RunImageResult,
): Promise<void> {
  const { run, job, image } = place;
  const row = await trx
    .updateTable("stage_run_image")
    .set({ masks: 0, doubt, problem, created_at: now })
    .where("run_id", "=", run)
    .where("job_id", "=", job)
    .where("image_id", "=", image)
    .where("masks", "is", null)
    .returning("masks")
    .executeTakeFirst();
  if (!row) return; // another attempt was faster
  const ids = (await prefillImage(trx, now, place, masks)) ?? [];
  for (const annotation_id of ids)
    await trx.insertInto("stage_run_mask").values({ run_id: run, annotation_id }).execute();
  await trx
    .updateTable("stage_run_image")
    .set({ masks: ids.length })
    .where("run_id", "=", run)
    .where("job_id", "=", job)
    .where("image_id", "=", image)
    .execute();
}
