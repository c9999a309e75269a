import type { Rle } from "@segany/masks";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { getProject } from "../projects/projects.js";
import { getJob } from "../work/job.js";
import { type LockKey, renewLock } from "../work/locks.js";
import type {
  Annotation,
  AnnotationChange,
  AnnotationSource,
  ChangeResult,
  Provenance,
  Revision,
} from "./annotation.js";
import { storeChanges } from "./store-change.js";

/** Masks with their whole history. */
export interface Annotations {
  /**
   * Stores changes to an image's objects. When the promise resolves they are on the disk. A change whose
   * object was changed by another in between is not stored and reported as a conflict; the others are.
   *
   * @param lock the image's; it is kept for another while
   * @throws DataEngineError `lock-lost`, `invalid`, `not-found`; then nothing is stored
   */
  save(lock: LockKey, changes: readonly AnnotationChange[]): Promise<readonly ChangeResult[]>;
  /** Present objects of an image in a job, in the order in which they were made. */
  list(job: string, image: string): Promise<readonly Annotation[]>;
  /** Ids of a project's present objects, those of an image together. */
  ids(project: string): Promise<readonly string[]>;
  /** All states of an object, first to last. @throws DataEngineError `not-found` */
  history(annotation: string): Promise<readonly Revision[]>;
}

export function createAnnotations({ db, now }: Context): Annotations {
  return {
    save: (lock, changes) =>
      db.transaction().execute(async (trx) => {
        await renewLock(trx, now(), lock);
        const job = await getJob(trx, lock.job);
        const image = await trx
          .selectFrom("image")
          .selectAll()
          .where("id", "=", lock.image)
          .executeTakeFirstOrThrow();
        const place = {
          job,
          image,
          person: lock.person,
          now: now(),
          project: await getProject(trx, job.project),
        };
        return storeChanges(trx, place, changes);
      }),
    list: (job, image) => listAnnotations(db, job, image),
    async ids(project) {
      const rows = await db
        .selectFrom("annotation")
        .innerJoin("job", "job.id", "annotation.job_id")
        .innerJoin("task", "task.id", "job.task_id")
        .select("annotation.id")
        .where("annotation.project_id", "=", project)
        .where("annotation.deleted_at", "is", null)
        .where("task.deleted_at", "is", null)
        .orderBy("annotation.image_id")
        .orderBy("annotation.id")
        .execute();
      return rows.map(({ id }) => id);
    },
    async history(annotation) {
      const rows = await db
        .selectFrom("annotation_revision")
        .selectAll()
        .where("annotation_id", "=", annotation)
        .orderBy("number")
        .execute();
      if (rows.length === 0) throw new DataEngineError("not-found", `There is no object ${annotation}.`);
      return rows.map((row) => ({
        number: row.number,
        kind: row.kind as Revision["kind"],
        mask: row.mask_json === null ? null : (JSON.parse(row.mask_json) as Rle),
        className: row.class_name,
        attributes: JSON.parse(row.attributes_json) as Revision["attributes"],
        provenance: JSON.parse(row.provenance_json) as Provenance,
        author: row.author,
        stage: row.stage,
        createdAt: row.created_at,
        clicks: row.clicks,
        activeMs: row.active_ms,
      }));
    },
  };
}

/** @param image all images of the job by default */
export async function listAnnotations(db: Db, job: string, image?: string): Promise<readonly Annotation[]> {
  let query = db
    .selectFrom("annotation")
    .innerJoin("annotation_revision", (join) =>
      join
        .onRef("annotation_revision.annotation_id", "=", "annotation.id")
        .onRef("annotation_revision.number", "=", "annotation.revision"),
    )
    .selectAll("annotation")
    .select([
      "annotation_revision.mask_json",
      "annotation_revision.attributes_json",
      "annotation_revision.author",
      "annotation_revision.created_at as changed_at",
    ])
    .where("annotation.job_id", "=", job)
    .where("annotation.deleted_at", "is", null);
  if (image !== undefined) query = query.where("annotation.image_id", "=", image);
  const rows = await query.orderBy("annotation.created_at").orderBy("annotation.id").execute();
  return rows.map((row) => ({
    id: row.id,
    job: row.job_id,
    image: row.image_id,
    revision: row.revision,
    mask: JSON.parse(row.mask_json!) as Rle,
    className: row.class_name,
    attributes: JSON.parse(row.attributes_json) as Annotation["attributes"],
    source: row.source as AnnotationSource,
    area: row.area,
    confidence: row.confidence,
    author: row.author,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  }));
}
