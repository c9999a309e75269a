import { type Kysely, type Migration, sql } from "kysely";

/** Tables of `model-tables.ts`. */
export const modelVersions: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table model_version (
     id text primary key, project_id text not null references project (id), number integer not null,
     state text not null, parent_id text, work_id text, source_json text, checkpoint text, encoder text,
     settings_json text not null, scores_json text, created_by text not null references person (id),
     created_at bigint not null, finished_at bigint, chosen_by text references person (id), chosen_at bigint,
     reason text, unique (project_id, number))`,
  `create unique index model_version_current on model_version (project_id) where state = 'current'`,
  `create table model_version_mask (
     version_id text not null references model_version (id),
     annotation_id text not null references annotation (id), revision integer not null,
     image_id text not null references image (id), role text not null,
     primary key (version_id, annotation_id))`,
  `create index model_version_mask_by_image on model_version_mask (version_id, role, image_id)`,
  `create table validation_image (
     project_id text not null references project (id), image_id text not null references image (id),
     created_at bigint not null, primary key (project_id, image_id))`,
];
