import { sql } from "kysely";
import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { currentVersion } from "../models/read-versions.js";
import { getProject } from "../projects/projects.js";
import { newId } from "../store/ids.js";
import { insertWork } from "../work-items/submit.js";
import { DEFAULT_STAGE_SETTINGS, type StageRun, type StageSettings, toStageRun } from "./stage-run.js";

/** Kind of the work that labels images. Payload: `{ run }`. */
export const STAGE = "stage";

/** The same where a command does it, which writes files as it goes: no server takes it. */
export const STAGE_BY_COMMAND = "stage-by-command";

const MAX_ATTEMPTS = 100;

/** The model's own labelling. */
export interface Stages {
  /**
   * Begins a run over the images that are open and have no mask yet, with the model version of this moment. A
   * worker does it.
   *
   * @param settings `DEFAULT_STAGE_SETTINGS` for what is not given
   * @param kind `STAGE` by default
   * @throws DataEngineError `conflict` if one goes on, or no image is open; `invalid`, `not-found`
   */
  begin(
    person: string,
    project: string,
    stage: 2 | 3,
    settings?: Partial<StageSettings>,
    kind?: typeof STAGE | typeof STAGE_BY_COMMAND,
  ): Promise<StageRun>;
  /** The run that goes on, or will. */
  pending(project: string): Promise<StageRun | undefined>;
  /** Newest first. */
  list(project: string): Promise<readonly StageRun[]>;
  /** @throws DataEngineError `not-found` */
  get(id: string): Promise<StageRun>;
}

export function createStages({ db, now }: Context): Stages {
  return {
    begin: (person, project, stage, settings = {}, kind = STAGE) =>
      db.transaction().execute((trx) =>
        beginStage(trx, now(), person, {
          ...{ project, stage, kind, settings: checkSettings({ ...DEFAULT_STAGE_SETTINGS, ...settings }) },
        }),
      ),
    pending: (project) => pendingRun(db, project),
    list: (project) => listRuns(db, project),
    get: (id) => getRun(db, id),
  };
}

function checkSettings(settings: StageSettings): StageSettings {
  const { precision, pointsPerSide = 1, images = 1, randomShare } = settings;
  const check = (name: string, value: number, least: number, most: number) => {
    if (!(value >= least && value <= most))
      throw new DataEngineError("invalid", `${name} is ${value}; it must be ${least} to ${most}.`);
  };
  check("precision", precision, 0.01, 1);
  check("pointsPerSide", pointsPerSide, 1, 256);
  check("images", images, 1, 1_000_000_000);
  check("randomShare", randomShare, 0, 1);
  return settings;
}

async function beginStage(
  trx: Db,
  now: number,
  person: string,
  {
    project,
    stage,
    kind,
    settings,
  }: { project: string; stage: 2 | 3; kind: string; settings: StageSettings },
): Promise<StageRun> {
  await getProject(trx, project);
  const pending = await pendingRun(trx, project);
  if (pending)
    throw new DataEngineError(
      "conflict",
      `A run of stage ${pending.stage} goes on; wait for it, or cancel it.`,
    );
  const id = newId(now);
  const [item] = await insertWork(trx, now, [
    { kind, project, payload: { run: id }, maxAttempts: MAX_ATTEMPTS },
  ]);
  await trx
    .insertInto("stage_run")
    .values({
      ...{ id, project_id: project, stage, work_id: item!.id, settings_json: JSON.stringify(settings) },
      version_id: (await currentVersion(trx, project))?.id ?? null,
      ...{ confidence_json: null, created_by: person, created_at: now, finished_at: null },
      audit_task_id: null,
    })
    .execute();
  await chooseImages(trx, id, project, settings.images);
  const run = await getRun(trx, id);
  if (run.images.total === 0)
    throw new DataEngineError("conflict", "No image is open without a mask: there is nothing to label.");
  await audit(trx, now, { person, event: "create:stage", project, object: id, details: { stage } });
  return run;
}

/** The run of a project whose work still goes on, or will. */
async function pendingRun(db: Db, project: string): Promise<StageRun | undefined> {
  const row = await db
    .selectFrom("stage_run")
    .innerJoin("work_item", "work_item.id", "stage_run.work_id")
    .select("stage_run.id")
    .where("stage_run.project_id", "=", project)
    .where("work_item.state", "in", ["queued", "running"])
    .executeTakeFirst();
  return row && getRun(db, row.id);
}

/** Open images without a mask, of jobs that are labelled once, in the order in which people get them. */
async function chooseImages(trx: Db, run: string, project: string, most: number | undefined): Promise<void> {
  const query = trx
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .innerJoin("task", "task.id", "job.task_id")
    .select([
      sql<string>`${run}`.as("run_id"),
      "job_image.job_id",
      "job_image.image_id",
      sql<null>`cast(null as integer)`.as("masks"),
      sql<null>`cast(null as double precision)`.as("doubt"),
      sql<null>`cast(null as text)`.as("problem"),
      sql<null>`cast(null as bigint)`.as("created_at"),
    ])
    .where("job.project_id", "=", project)
    .where("job.type", "=", "annotation")
    .where("job.stage", "=", "annotation")
    .where("task.purpose", "=", "production")
    .where("task.deleted_at", "is", null)
    .where("job_image.state", "=", "open")
    .where(
      sql<boolean>`not exists (select 1 from annotation where annotation.job_id = job_image.job_id
        and annotation.image_id = job_image.image_id)`,
    )
    .where(sql<boolean>`not exists (select 1 from job as replica where replica.parent_id = job.id)`)
    .orderBy("job.rank")
    .orderBy("job.id")
    .orderBy("job_image.position");
  await trx
    .insertInto("stage_run_image")
    .columns(["run_id", "job_id", "image_id", "masks", "doubt", "problem", "created_at"])
    .expression(most === undefined ? query : query.limit(most))
    .execute();
}

async function listRuns(db: Db, project: string): Promise<readonly StageRun[]> {
  const rows = await db
    .selectFrom("stage_run")
    .select("id")
    .where("project_id", "=", project)
    .orderBy("id", "desc")
    .execute();
  return Promise.all(rows.map(({ id }) => getRun(db, id)));
}

/** @throws DataEngineError `not-found` */
export async function getRun(db: Db, id: string): Promise<StageRun> {
  const row = await db.selectFrom("stage_run").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new DataEngineError("not-found", `There is no run ${id} of a stage.`);
  const counts = await db
    .selectFrom("stage_run_image")
    .select((eb) => [
      eb.fn.countAll<number>().as("total"),
      eb.fn.count<number>("masks").as("done"),
      eb.fn.count<number>("problem").as("unreadable"),
      eb.fn.sum<number | null>("masks").as("masks"),
    ])
    .where("run_id", "=", id)
    .executeTakeFirstOrThrow();
  return toStageRun(row, counts);
}
