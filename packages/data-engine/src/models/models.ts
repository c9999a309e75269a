import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { insertRetraining, lockVersions } from "./begin-retraining.js";
import type { ModelVersion, RetrainSettings } from "./model-version.js";
import { currentVersion, getVersion, listVersions, versionOfNumber } from "./read-versions.js";

/** The versions of a project's model. */
export interface Models {
  /** By number. */
  list(project: string): Promise<readonly ModelVersion[]>;
  /** @throws DataEngineError `not-found` */
  get(id: string): Promise<ModelVersion>;
  /** @throws DataEngineError `not-found` */
  byNumber(project: string, number: number): Promise<ModelVersion>;
  /** The one that the project uses; undefined while it has none of its own. */
  current(project: string): Promise<ModelVersion | undefined>;
  /** Its id and number alone, for those who ask again and again. */
  currentId(project: string): Promise<Pick<ModelVersion, "id" | "number"> | undefined>;
  /**
   * Begins the training of the next version, from the project's accepted masks as they are now. A worker does
   * it.
   *
   * @throws DataEngineError `conflict` if one is being trained, or too few images are accepted; `not-found`
   */
  retrain(person: string, project: string, settings?: RetrainSettings): Promise<ModelVersion>;
  /**
   * Makes a version the current one, an earlier one too.
   *
   * @param reason kept with it, and in the audit log
   * @throws DataEngineError `not-found`; `conflict` if it is not trained, or is the current one; `invalid`
   *   without a reason
   */
  use(person: string, project: string, number: number, reason: string): Promise<ModelVersion>;
}

export function createModels({ db, now }: Context): Models {
  return {
    list: (project) => listVersions(db, project),
    get: (id) => getVersion(db, id),
    byNumber: (project, number) => versionOfNumber(db, project, number),
    current: (project) => currentVersion(db, project),
    currentId: (project) =>
      db
        .selectFrom("model_version")
        .select(["id", "number"])
        .where("project_id", "=", project)
        .where("state", "=", "current")
        .executeTakeFirst(),
    retrain: (person, project, settings = { training: {} }) =>
      db.transaction().execute((trx) => insertRetraining(trx, now(), person, { project, settings })),
    use: (person, project, number, reason) =>
      db.transaction().execute(async (trx) => {
        await lockVersions(trx, project);
        const { id, state } = await versionOfNumber(trx, project, number);
        if (state === "current")
          throw new DataEngineError("conflict", `Version ${number} is the current one already.`);
        if (state === "training" || state === "failed")
          throw new DataEngineError("conflict", `Version ${number} has no weights: its state is ${state}.`);
        await makeCurrent(trx, now(), id, { person, reason });
        return getVersion(trx, id);
      }),
  };
}

/** Longest reason, characters. */
const MAX_REASON = 2000;

/**
 * Puts a version in the place of the current one. The caller has called `lockVersions`.
 *
 * @throws DataEngineError `invalid` without a reason
 */
export async function makeCurrent(
  trx: Db,
  now: number,
  id: string,
  { person, reason }: { readonly person: string; readonly reason: string },
): Promise<void> {
  const text = reason.trim();
  if (text === "" || text.length > MAX_REASON)
    throw new DataEngineError("invalid", `Say why, in 1 to ${MAX_REASON} characters.`);
  const { project, number } = await getVersion(trx, id);
  await trx
    .updateTable("model_version")
    .set({ state: "former" })
    .where("project_id", "=", project)
    .where("state", "=", "current")
    .execute();
  await trx
    .updateTable("model_version")
    .set({ state: "current", chosen_by: person, chosen_at: now, reason: text })
    .where("id", "=", id)
    .execute();
  const details = { number, reason: text };
  await audit(trx, now, { person, event: "use:model", project, object: id, details });
}
