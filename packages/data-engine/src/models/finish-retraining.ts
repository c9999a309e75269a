import { audit } from "../audit.js";
import type { Db } from "../context.js";
import { newId } from "../store/ids.js";
import { MACHINE } from "../store/machine.js";
import { lockVersions } from "./begin-retraining.js";
import type { ModelScores, ModelSource, ModelVersion, PromptScores } from "./model-version.js";
import { makeCurrent } from "./models.js";
import { currentVersion, getVersion } from "./read-versions.js";

/** Weights that are in their place. */
export interface KeptModel {
  readonly source: ModelSource;
  /** SHA-256 of the checkpoint. */
  readonly checkpoint: string;
  /** SHA-256 of the checkpoint that the image encoder comes from. */
  readonly encoder: string;
}

/** What a training ended with: plain data. */
export interface TrainedVersion extends KeptModel {
  /** Id of the version. */
  readonly version: string;
  /** The model that it was trained from, where that is no version of the project yet. */
  readonly base?: KeptModel;
  readonly scores: ModelScores;
}

/** What versions are compared by: one click and the box count alike. */
const scoreOf = ({ click, box }: PromptScores): number => (click + box) / 2;

/**
 * Stores a trained version. It becomes the current one if it is better than the one that it was trained from,
 * and if that is still the current one; or if its settings say so.
 */
export async function storeTrained(trx: Db, now: number, trained: TrainedVersion): Promise<ModelVersion> {
  const { id, project, number, settings, createdBy, parent } = await getVersion(trx, trained.version);
  await lockVersions(trx, project);
  const from = parent ?? (await insertBase(trx, now, project, trained.base!));
  const { source, checkpoint, encoder, scores } = trained;
  await trx
    .updateTable("model_version")
    .set({
      ...{ state: "candidate", parent_id: from, source_json: JSON.stringify(source), checkpoint, encoder },
      ...{ scores_json: JSON.stringify(scores), finished_at: now },
    })
    .where("id", "=", id)
    .execute();
  const details = { number, scores };
  await audit(trx, now, { person: MACHINE, event: "complete:model", project, object: id, details });
  if (settings.force !== undefined)
    await makeCurrent(trx, now, id, { person: createdBy, reason: settings.force });
  else if (
    (await currentVersion(trx, project))?.id === from &&
    scoreOf(scores.after) > scoreOf(scores.before)
  )
    await makeCurrent(trx, now, id, { person: MACHINE, reason: reasonOf(scores) });
  return getVersion(trx, id);
}

/** Version 0: the model that the project began with. @returns its id */
async function insertBase(trx: Db, now: number, project: string, base: KeptModel): Promise<string> {
  const id = newId(now);
  await trx
    .insertInto("model_version")
    .values({
      ...{ id, project_id: project, number: 0, state: "current", parent_id: null, work_id: null },
      ...{ source_json: JSON.stringify(base.source), checkpoint: base.checkpoint, encoder: base.encoder },
      ...{ settings_json: JSON.stringify({ training: {} }), scores_json: null, created_by: MACHINE },
      ...{ created_at: now, finished_at: now, chosen_by: MACHINE, chosen_at: now },
      reason: "The model that the project began with.",
    })
    .execute();
  return id;
}

function reasonOf({ before, after }: ModelScores): string {
  const change = (name: "click" | "box") => `${before[name].toFixed(3)} → ${after[name].toFixed(3)}`;
  return `Better on ${after.objects} objects: one click ${change("click")}, box ${change("box")}.`;
}
