import { type Kysely, type Migration, Migrator } from "kysely";
import { DataEngineError } from "../errors.js";
import { tables } from "./migrations/0001-tables.js";
import { modelVersions } from "./migrations/0002-model-versions.js";
import { orderIndexes } from "./migrations/0003-order-indexes.js";
import { stageRuns } from "./migrations/0004-stage-runs.js";
import { imageDoubt } from "./migrations/0005-image-doubt.js";

/** All migrations, by name, in the order of their names. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-tables": tables,
  "0002-model-versions": modelVersions,
  "0003-order-indexes": orderIndexes,
  "0004-stage-runs": stageRuns,
  "0005-image-doubt": imageDoubt,
};

/**
 * Brings the database to the present form: each migration in a transaction of its own, so that an interrupted
 * one leaves nothing behind.
 *
 * @throws DataEngineError `store-newer` if the database has migrations that this version does not know;
 *   `store-failed` if a migration failed
 */
export async function migrate(db: Kysely<never>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const done = await readDone(db);
  refuseNewer(done);
  // Nothing is written or locked: who may use the tables need not be who may make them.
  if (Object.keys(MIGRATIONS).every((name) => done.has(name))) return;
  for (;;) {
    const { error, results } = await migrator.migrateUp();
    if (error) {
      const name = results?.find(({ status }) => status === "Error")?.migrationName ?? "the first one";
      throw new DataEngineError("store-failed", `The migration ${name} of the database failed: ${error}`, {
        cause: error,
      });
    }
    if (!results || results.length === 0) return;
  }
}

/** Names of the migrations that the database has. */
async function readDone(db: Kysely<never>): Promise<ReadonlySet<string>> {
  const tablesThere = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tablesThere.some(({ name }) => name === "kysely_migration")) return new Set();
  const done = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom("kysely_migration")
    .select("name")
    .execute();
  return new Set(done.map(({ name }) => name));
}

function refuseNewer(done: ReadonlySet<string>): void {
  const unknown = [...done].find((name) => !(name in MIGRATIONS));
  if (unknown === undefined) return;
  throw new DataEngineError(
    "store-newer",
    `The database was written by a newer version of segany (migration ${unknown}). Install that version.`,
  );
}
