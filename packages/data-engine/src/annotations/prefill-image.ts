import { type MaskRuns, type Rle, rleToRuns } from "@segany/masks";
import type { Db } from "../context.js";
import { getProject } from "../projects/projects.js";
import { MACHINE } from "../store/machine.js";
import { getJob } from "../work/job.js";
import type { AnnotationChange, Provenance } from "./annotation.js";
import { listAnnotations } from "./annotations.js";
import { storeChanges } from "./store-change.js";
import { uuidOf } from "./uuid-of.js";

/** A mask that the machine proposes. */
export interface PrefilledMask {
  readonly mask: Rle;
  readonly className?: string | null;
  readonly provenance: Provenance;
}

/** An image of a job that is to be pre-filled. */
export interface PrefillPlace {
  readonly job: string;
  readonly image: string;
  /** Of what pre-fills: with the same one the same mask is stored once, also if it was deleted since. */
  readonly run: string;
  /** Whose masks they are; the machine's by default. */
  readonly person?: string;
  /** Whether a mask shows an object that is there already. */
  readonly isSame: (there: readonly MaskRuns[], mask: MaskRuns) => boolean;
}

/**
 * Adds the machine's masks to an image that is open and that nobody works on at this moment. What is there
 * stays: objects that have a mask get no second one.
 *
 * @returns ids of the new objects; undefined if somebody has the image now, or it is no longer open
 * @throws DataEngineError `invalid`, `not-found`
 */
export async function prefillImage(
  trx: Db,
  now: number,
  { job: jobId, image: imageId, run, person = MACHINE, isSame }: PrefillPlace,
  masks: readonly PrefilledMask[],
): Promise<readonly string[] | undefined> {
  const row = await trx
    .updateTable("job_image")
    .set((eb) => ({ lock_number: eb.ref("lock_number") })) // whoever wants the image waits for this
    .where("job_id", "=", jobId)
    .where("image_id", "=", imageId)
    .where("state", "=", "open")
    .where((eb) => eb.or([eb("lock_person", "is", null), eb("lock_expires_at", "<=", now)]))
    .returning("image_id")
    .executeTakeFirst();
  if (!row) return undefined;
  const job = await getJob(trx, jobId);
  const project = await getProject(trx, job.project);
  const image = await trx.selectFrom("image").selectAll().where("id", "=", imageId).executeTakeFirstOrThrow();
  const there = (await listAnnotations(trx, jobId, imageId)).map(({ mask }) => rleToRuns(mask));
  const changes = masks.flatMap(({ mask, className = null, provenance }): AnnotationChange[] => {
    if (isSame(there, rleToRuns(mask))) return [];
    const id = (what: string) => uuidOf(JSON.stringify([run, jobId, imageId, className, mask.counts, what]));
    const ids = { change: id("change"), annotation: id("annotation"), base: 0 };
    return [{ ...ids, kind: "put", mask, className, provenance }];
  });
  const known = await knownObjects(trx, jobId, imageId);
  const fresh = changes.filter(({ annotation }) => !known.has(annotation));
  await storeChanges(trx, { job, project, image, person, now }, fresh);
  return fresh.map(({ annotation }) => annotation);
}

/** Ids of all objects that an image ever had. */
async function knownObjects(trx: Db, job: string, image: string): Promise<ReadonlySet<string>> {
  const rows = await trx
    .selectFrom("annotation")
    .select("id")
    .where("job_id", "=", job)
    .where("image_id", "=", image)
    .execute();
  return new Set(rows.map(({ id }) => id));
}
