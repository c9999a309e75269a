import { randomUUID } from "node:crypto";
import { iouOfRuns, type Rle, rleToRuns } from "@segany/masks";
import type { Provenance } from "../annotations/annotation.js";
import { storeUncounted } from "../annotations/store-change.js";
import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { getProject } from "../projects/projects.js";
import { newId } from "../store/ids.js";
import { MACHINE } from "../store/machine.js";
import type { StageRunTable } from "../store/stage-tables.js";
import { addJob } from "../work/add-job.js";
import { getJob } from "../work/job.js";
import { shareInterval } from "./share-interval.js";

export interface AuditOptions {
  /** Masks of the sample; of fewer, all. */
  readonly masks: number;
  /** Images of a job; 10 by default. */
  readonly imagesPerJob?: number;
}

/** How much of the automatic masks annotators left as it was. */
export interface StageAudit {
  /** The run of stage 3 whose masks are audited. */
  readonly run: string;
  readonly jobs: readonly string[];
  /** Masks of the sample, and those whose image is corrected by now. */
  readonly masks: { readonly total: number; readonly done: number };
  /** Share of the corrected ones whose IoU with the correction is above .75 and .9; deleted ones have 0. */
  readonly share75: number;
  readonly share90: number;
  /** With 95 % confidence (Wilson). */
  readonly interval75: readonly [number, number];
  readonly interval90: readonly [number, number];
}

/** Audits of stage 3: a random sample of its masks is corrected by annotators. */
export interface StageAudits {
  /**
   * Draws masks of the last run of stage 3 at random, each with the same probability, and makes jobs of type
   * `audit` of their images, which annotators get before others.
   *
   * @throws DataEngineError `conflict` if there is no such run, it has no masks, or has an audit already;
   *   `invalid`
   */
  begin(person: string, project: string, options: AuditOptions): Promise<StageAudit>;
  /** The audit of the last run that has one; undefined without any. */
  last(project: string): Promise<StageAudit | undefined>;
}

export function createStageAudits({ db, now }: Context): StageAudits {
  return {
    begin: (person, project, options) =>
      db.transaction().execute((trx) => beginAudit(trx, now(), person, project, options)),
    last: (project) => lastAudit(db, project),
  };
}

const IMAGES_PER_JOB = 10;

async function beginAudit(
  trx: Db,
  now: number,
  person: string,
  project: string,
  { masks, imagesPerJob = IMAGES_PER_JOB }: AuditOptions,
): Promise<StageAudit> {
  for (const [what, count] of Object.entries({ masks, imagesPerJob }))
    if (!Number.isInteger(count) || count < 1)
      throw new DataEngineError("invalid", `${what} is ${count}; it must be a whole number of 1 or more.`);
  await getProject(trx, project);
  const run = await lastRun(trx, project);
  if (run.audit_task_id !== null)
    throw new DataEngineError("conflict", "The last run of stage 3 has an audit already.");
  const sample = await drawMasks(trx, run.id, masks);
  if (sample.length === 0)
    throw new DataEngineError("conflict", "The last run of stage 3 has made no mask to audit.");
  const task = newId(now);
  await trx
    .insertInto("task")
    .values({
      ...{ id: task, project_id: project, name: "Audit of stage 3", purpose: "production" },
      ...{ version: 1, created_at: now, deleted_at: null },
    })
    .execute();
  await trx.updateTable("stage_run").set({ audit_task_id: task }).where("id", "=", run.id).execute();
  const images = [...new Set(sample.map(({ image_id }) => image_id))].map(
    (image) => [image, sample.filter(({ image_id }) => image_id === image)] as const,
  );
  for (let start = 0; start < images.length; start += imagesPerJob)
    await addAuditJob(trx, now, { project, task, run: run.id }, images.slice(start, start + imagesPerJob));
  await audit(trx, now, {
    person,
    event: "create:audit",
    project,
    object: run.id,
    details: { masks: sample.length },
  });
  return (await lastAudit(trx, project))!;
}

/** The project's last finished run of stage 3. */
async function lastRun(trx: Db, project: string): Promise<StageRunTable> {
  const row = await trx
    .selectFrom("stage_run")
    .selectAll()
    .where("project_id", "=", project)
    .where("stage", "=", 3)
    .where("finished_at", "is not", null)
    .orderBy("id", "desc")
    .executeTakeFirst();
  if (row) return row;
  throw new DataEngineError("conflict", "No run of stage 3 has finished: there is nothing to audit.");
}

/** Masks of the run as it made them, at random. */
async function drawMasks(trx: Db, run: string, most: number) {
  const ids = (
    await trx.selectFrom("stage_run_mask").select("annotation_id").where("run_id", "=", run).execute()
  ).map(({ annotation_id }) => ({ annotation_id, key: randomUUID() }));
  const drawn = ids.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, most);
  const sample = [];
  for (const { annotation_id } of drawn)
    sample.push(
      await trx
        .selectFrom("annotation_revision")
        .innerJoin("annotation", "annotation.id", "annotation_revision.annotation_id")
        .innerJoin("job_image", (join) =>
          join
            .onRef("job_image.job_id", "=", "annotation.job_id")
            .onRef("job_image.image_id", "=", "annotation.image_id"),
        )
        .select(["annotation.id", "annotation.image_id", "job_image.name"])
        .select(["annotation_revision.mask_json", "annotation_revision.provenance_json"])
        .where("annotation.id", "=", annotation_id)
        .where("annotation_revision.number", "=", 1)
        .executeTakeFirstOrThrow(),
    );
  return sample;
}

type Drawn = Awaited<ReturnType<typeof drawMasks>>[number];

/** A job with copies of the masks: what people make of them shows what they were worth. */
async function addAuditJob(
  trx: Db,
  now: number,
  at: { readonly project: string; readonly task: string; readonly run: string },
  images: readonly (readonly [image: string, masks: readonly Drawn[]])[],
): Promise<void> {
  const id = await addJob(
    trx,
    {
      ...{ task: at.task, project: at.project, type: "audit", rank: -1 },
      images: images.map(([image, masks]) => ({ id: image, name: masks[0]!.name })),
    },
    now,
  );
  const job = await getJob(trx, id);
  const project = await getProject(trx, at.project);
  for (const [imageId, masks] of images) {
    const image = await trx
      .selectFrom("image")
      .selectAll()
      .where("id", "=", imageId)
      .executeTakeFirstOrThrow();
    for (const { id: copied, mask_json, provenance_json } of masks) {
      const provenance = { ...(JSON.parse(provenance_json) as Provenance), auditOf: copied, run: at.run };
      await storeUncounted(
        trx,
        { job, project, image, person: MACHINE, now },
        {
          ...{ change: randomUUID(), annotation: randomUUID(), base: 0, kind: "put" },
          ...{ mask: JSON.parse(mask_json!) as Rle, provenance },
        },
      );
    }
  }
}

async function lastAudit(db: Db, project: string): Promise<StageAudit | undefined> {
  const run = await db
    .selectFrom("stage_run")
    .select(["id", "audit_task_id"])
    .where("project_id", "=", project)
    .where("audit_task_id", "is not", null)
    .orderBy("id", "desc")
    .executeTakeFirst();
  if (!run) return undefined;
  const rows = await db
    .selectFrom("job")
    .select("id")
    .where("task_id", "=", run.audit_task_id)
    .orderBy("id")
    .execute();
  const jobs = rows.map(({ id }) => id);
  const { total, ious } = await readIous(db, jobs);
  const above = (least: number) => ious.filter((iou) => iou > least).length;
  const share = (least: number) => (ious.length === 0 ? 0 : above(least) / ious.length);
  return {
    ...{ run: run.id, jobs, masks: { total, done: ious.length } },
    ...{ share75: share(0.75), share90: share(0.9) },
    interval75: shareInterval(above(0.75), ious.length),
    interval90: shareInterval(above(0.9), ious.length),
  };
}

/** IoU of each audited mask with what people made of it, on images that are done. */
async function readIous(db: Db, jobs: readonly string[]) {
  const rows = await db
    .selectFrom("annotation")
    .innerJoin("annotation_revision as first", (join) =>
      join.onRef("first.annotation_id", "=", "annotation.id").on("first.number", "=", 1),
    )
    .innerJoin("annotation_revision as last", (join) =>
      join.onRef("last.annotation_id", "=", "annotation.id").onRef("last.number", "=", "annotation.revision"),
    )
    .innerJoin("job_image", (join) =>
      join
        .onRef("job_image.job_id", "=", "annotation.job_id")
        .onRef("job_image.image_id", "=", "annotation.image_id"),
    )
    .select(["first.mask_json as before", "last.mask_json as after", "job_image.state"])
    .where("annotation.job_id", "in", jobs)
    .where("first.author", "=", MACHINE)
    .execute();
  const done = rows.filter(({ state }) => state === "done");
  const runs = (json: string) => rleToRuns(JSON.parse(json) as Rle);
  const ious = done.map(({ before, after }) =>
    after === null ? 0 : iouOfRuns([runs(before!)], [runs(after)])[0]!,
  );
  return { total: rows.length, ious };
}
