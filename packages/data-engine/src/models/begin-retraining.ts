import { sql } from "kysely";
import { audit } from "../audit.js";
import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { getProject } from "../projects/projects.js";
import { newId } from "../store/ids.js";
import { insertWork } from "../work-items/submit.js";
import { acceptedMasks, countAcceptedMasks } from "./accepted-masks.js";
import { freezeImages } from "./frozen-images.js";
import type { ModelVersion, RetrainSettings } from "./model-version.js";
import { currentVersion, getVersion, listVersions } from "./read-versions.js";

/** Kind of the work that trains a model version. Payload: `{ version }`. */
export const RETRAIN = "retrain";

/** A training outlives many ends of its worker: each attempt goes on where the last one was. */
const MAX_ATTEMPTS = 100;

/**
 * Makes the project's next model version of its accepted masks as they are now, and queues the work that
 * trains it.
 *
 * @throws DataEngineError `conflict` if one is being trained, or too few images are accepted; `not-found`
 */
export async function insertRetraining(
  trx: Db,
  now: number,
  person: string,
  { project, settings }: { readonly project: string; readonly settings: RetrainSettings },
): Promise<ModelVersion> {
  await lockVersions(trx, project);
  await getProject(trx, project);
  const versions = await listVersions(trx, project);
  const pending = versions.find(({ state }) => state === "training");
  if (pending)
    throw new DataEngineError("conflict", `Version ${pending.number} is being trained; wait for it.`);
  await freezeImages(trx, now, project);
  await checkMasks(trx, project);
  const id = newId(now);
  // Number 0 is kept for the model that the project began with.
  const number = Math.max(0, ...versions.map((each) => each.number)) + 1;
  const work = { kind: RETRAIN, project, payload: { version: id }, maxAttempts: MAX_ATTEMPTS };
  const [item] = await insertWork(trx, now, [work]);
  await trx
    .insertInto("model_version")
    .values({
      ...{ id, project_id: project, number, state: "training", work_id: item!.id },
      parent_id: (await currentVersion(trx, project))?.id ?? null,
      ...{ source_json: null, checkpoint: null, encoder: null, scores_json: null },
      ...{ settings_json: JSON.stringify(settings), created_by: person, created_at: now },
      ...{ finished_at: null, chosen_by: null, chosen_at: null, reason: null },
    })
    .execute();
  await insertSnapshot(trx, project, id);
  await audit(trx, now, { person, event: "create:model", project, object: id, details: { number } });
  return getVersion(trx, id);
}

/** `training`, or `validation` for masks on frozen images. */
const roleOf = () => sql<string>`case when exists (
  select 1 from validation_image where validation_image.project_id = annotation.project_id
    and validation_image.image_id = annotation.image_id) then 'validation' else 'training' end`;

/** @throws DataEngineError `conflict` if there is nothing to learn from, or to measure with */
async function checkMasks(trx: Db, project: string): Promise<void> {
  const rows = await acceptedMasks(trx, project).select(roleOf().as("role")).distinct().execute();
  for (const [role, what] of [
    ["training", "to learn from"],
    ["validation", "on the images that models are measured with"],
  ])
    if (!rows.some((row) => row.role === role))
      throw new DataEngineError("conflict", `There is no accepted mask ${what}. Accept more jobs first.`);
}

/** Keeps which revision of which mask the version is made of. */
async function insertSnapshot(trx: Db, project: string, version: string): Promise<void> {
  await trx
    .insertInto("model_version_mask")
    .columns(["version_id", "annotation_id", "revision", "image_id", "role"])
    .expression(
      acceptedMasks(trx, project).select([
        sql<string>`${version}`.as("version_id"),
        "annotation.id as annotation_id",
        "annotation.revision",
        "annotation.image_id",
        roleOf().as("role"),
      ]),
    )
    .execute();
}

/**
 * Begins a training by the project's rule: when so many masks are accepted more than the last version was
 * made of. Call it in the transaction that accepts.
 */
export async function retrainByRule(trx: Db, now: number, project: string, person: string): Promise<void> {
  const { retrainEvery } = (await getProject(trx, project)).settings;
  if (retrainEvery === 0) return;
  const versions = await listVersions(trx, project);
  if (versions.some(({ state }) => state === "training")) return;
  const last = versions.at(-1)?.data;
  const known = last ? last.training.masks + last.validation.masks : 0;
  if ((await countAcceptedMasks(trx, project)) - known < retrainEvery) return;
  try {
    await insertRetraining(trx, now, person, { project, settings: { training: {} } });
  } catch (error) {
    // Too few images are accepted yet: the rule is tried again with the next job.
    if (!(error instanceof DataEngineError && error.code === "conflict")) throw error;
  }
}

/** Makes changes of a project's versions wait for each other. */
export async function lockVersions(trx: Db, project: string): Promise<void> {
  await trx
    .updateTable("project")
    .set((eb) => ({ version: eb.ref("version") }))
    .where("id", "=", project)
    .execute();
}
