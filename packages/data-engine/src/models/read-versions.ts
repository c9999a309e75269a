import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { type ModelVersion, toModelVersion } from "./model-version.js";

const versionsOf = (db: Db, project: string) =>
  db
    .selectFrom("model_version")
    .leftJoin("work_item", "work_item.id", "model_version.work_id")
    .selectAll("model_version")
    .select(["work_item.state as work_state", "work_item.progress_json", "work_item.error as work_error"])
    .where("model_version.project_id", "=", project);

type VersionRow = Awaited<ReturnType<ReturnType<typeof versionsOf>["execute"]>>[number];

/** All versions of a project, by number. */
export async function listVersions(db: Db, project: string): Promise<readonly ModelVersion[]> {
  const rows = await versionsOf(db, project).orderBy("number").execute();
  return withData(db, rows);
}

/** The version that the project uses; undefined while it has none of its own. */
export async function currentVersion(db: Db, project: string): Promise<ModelVersion | undefined> {
  const rows = await versionsOf(db, project).where("model_version.state", "=", "current").execute();
  return (await withData(db, rows))[0];
}

/** @throws DataEngineError `not-found` */
export async function versionOfNumber(db: Db, project: string, number: number): Promise<ModelVersion> {
  const rows = await versionsOf(db, project).where("number", "=", number).execute();
  const [version] = await withData(db, rows);
  if (!version)
    throw new DataEngineError("not-found", `The project has no model version ${number}; list them.`);
  return version;
}

/** @throws DataEngineError `not-found` */
export async function getVersion(db: Db, id: string): Promise<ModelVersion> {
  const row = await db.selectFrom("model_version").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new DataEngineError("not-found", `There is no model version ${id}.`);
  return versionOfNumber(db, row.project_id, row.number);
}

async function withData(db: Db, rows: readonly VersionRow[]): Promise<readonly ModelVersion[]> {
  if (rows.length === 0) return [];
  const counts = await db
    .selectFrom("model_version_mask")
    .select((eb) => [
      "version_id",
      "role",
      eb.fn.countAll<number>().as("masks"),
      eb.fn.count<number>("image_id").distinct().as("images"),
    ])
    .where(
      "version_id",
      "in",
      rows.map(({ id }) => id),
    )
    .groupBy(["version_id", "role"])
    .execute();
  const count = (id: string, role: string) => {
    const found = counts.find((each) => each.version_id === id && each.role === role);
    return { images: found?.images ?? 0, masks: found?.masks ?? 0 };
  };
  return rows.map((row) =>
    toModelVersion(row, {
      training: count(row.id, "training"),
      validation: count(row.id, "validation"),
    }),
  );
}
