import { type Kysely, type Migration, sql } from "kysely";

/** What a run found out about an image beside its masks. */
export const imageDoubt: Migration = {
  async up(db: Kysely<unknown>) {
    await sql.raw("alter table stage_run_image add column doubt double precision").execute(db);
    await sql.raw("alter table stage_run_image add column problem text").execute(db);
  },
};
