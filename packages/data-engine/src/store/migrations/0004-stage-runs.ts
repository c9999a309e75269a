import { type Kysely, type Migration, sql } from "kysely";

/** Tables of `stage-tables.ts`, and how sure the machine is of a mask. */
export const stageRuns: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  "alter table annotation add column confidence double precision",
  `create table stage_run (
     id text primary key, project_id text not null references project (id), stage integer not null,
     version_id text references model_version (id), work_id text not null, settings_json text not null,
     confidence_json text, created_by text not null references person (id), created_at bigint not null,
     finished_at bigint, audit_task_id text references task (id))`,
  "create index stage_run_by_project on stage_run (project_id, id)",
  `create table stage_run_image (
     run_id text not null references stage_run (id), job_id text not null references job (id),
     image_id text not null references image (id), masks integer, created_at bigint,
     primary key (run_id, job_id, image_id))`,
  `create table stage_run_mask (
     run_id text not null references stage_run (id), annotation_id text not null references annotation (id),
     primary key (run_id, annotation_id))`,
];
