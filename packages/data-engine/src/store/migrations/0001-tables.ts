import { type Kysely, type Migration, sql } from "kysely";
import { MACHINE } from "../machine.js";

/** The tables as `schema.ts` describes them. A released migration is never changed: add another one. */
export const tables: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [name, definition] of TABLES)
      await sql`create table ${sql.table(name)} (${sql.raw(definition)})`.execute(db);
    await createAuditLog(db);
    await sql`insert into person values (${MACHINE}, 'segany', null, 0, 0, 0)`.execute(db);
    for (const [table, columns, unique] of INDEXES) {
      const name = `${table}_by_${columns.join("_").replaceAll(" ", "_")}`;
      const start = db.schema
        .createIndex(name)
        .on(table)
        .columns([...columns] as never[]);
      await (unique ? start.unique() : start).execute();
    }
  },
};

/** Columns in SQL that both databases understand: `bigint` is an integer of 64 bits in each. */
const TABLES: readonly (readonly [name: string, definition: string])[] = [
  [
    "person",
    `id text primary key, name text not null unique, password text, administrator integer not null,
     created_at bigint not null, disabled_at bigint`,
  ],
  [
    "session",
    `secret_hash text primary key, person_id text not null references person (id),
     created_at bigint not null, expires_at bigint not null`,
  ],
  [
    "api_token",
    `id text primary key, person_id text not null references person (id), name text not null,
     secret_hash text not null unique, created_at bigint not null, last_used_at bigint, revoked_at bigint`,
  ],
  [
    "project",
    `id text primary key, name text not null, classes_json text not null, settings_json text not null,
     version integer not null, created_at bigint not null, deleted_at bigint`,
  ],
  [
    "invitation",
    `id text primary key, secret_hash text not null unique, project_id text not null references project (id),
     role text not null, created_by text not null references person (id), created_at bigint not null,
     expires_at bigint not null, accepted_by text references person (id)`,
  ],
  [
    "member",
    `project_id text not null references project (id), person_id text not null references person (id),
     role text not null, primary key (project_id, person_id)`,
  ],
  [
    "image",
    "id text primary key, width integer not null, height integer not null, created_at bigint not null",
  ],
  [
    "task",
    `id text primary key, project_id text not null references project (id), name text not null,
     purpose text not null, version integer not null, created_at bigint not null, deleted_at bigint`,
  ],
  [
    "job",
    `id text primary key, task_id text not null references task (id), project_id text not null,
     type text not null, stage text not null, state text not null, assignee text references person (id),
     pulled integer not null, annotator text references person (id), reviewer text references person (id),
     parent_id text references job (id), rank integer not null, version integer not null,
     created_at bigint not null, updated_at bigint not null`,
  ],
  [
    "job_image",
    `job_id text not null references job (id), image_id text not null references image (id),
     position integer not null, name text not null, state text not null, skip_reason text,
     lock_person text references person (id), lock_expires_at bigint, lock_number integer not null,
     primary key (job_id, image_id)`,
  ],
  [
    "annotation",
    `id text primary key, project_id text not null, job_id text not null references job (id),
     image_id text not null references image (id), revision integer not null, class_name text,
     area bigint not null, source text not null, created_at bigint not null, deleted_at bigint`,
  ],
  [
    "annotation_revision",
    `annotation_id text not null references annotation (id), number integer not null,
     change_id text not null unique, kind text not null, mask_json text, class_name text,
     attributes_json text not null, provenance_json text not null, author text not null references person (id),
     stage text not null, created_at bigint not null, clicks integer not null, active_ms bigint not null,
     primary key (annotation_id, number)`,
  ],
  [
    "review_issue",
    `id text primary key, job_id text not null references job (id), image_id text not null references image (id),
     annotation_id text references annotation (id), x double precision not null, y double precision not null,
     created_by text not null references person (id), created_at bigint not null, resolved_at bigint,
     resolved_by text references person (id)`,
  ],
  [
    "review_comment",
    `id text primary key, issue_id text not null references review_issue (id),
     author text not null references person (id), text text not null, created_at bigint not null`,
  ],
  [
    "work_item",
    `id text primary key, kind text not null, project_id text, payload_json text not null, state text not null,
     priority integer not null, attempt integer not null, max_attempts integer not null, run_at bigint not null,
     lease_owner text, lease_expires_at bigint, cancel_requested integer not null, progress_json text,
     result_json text, error text, created_at bigint not null, updated_at bigint not null`,
  ],
  [
    "webhook",
    `id text primary key, project_id text not null references project (id), url text not null,
     secret text not null, events_json text not null, created_at bigint not null, disabled_at bigint`,
  ],
  [
    "webhook_delivery",
    `id text primary key, webhook_id text not null references webhook (id), event text not null,
     body text not null, attempt integer not null, state text not null, next_at bigint not null,
     status integer, error text, created_at bigint not null`,
  ],
  [
    "statistic",
    `project_id text not null, day integer not null, person_id text not null, source text not null,
     model text not null, stage text not null, class_name text not null, masks bigint not null,
     edits bigint not null, deletions bigint not null, clicks bigint not null, active_ms bigint not null,
     primary key (project_id, day, person_id, source, model, stage, class_name)`,
  ],
];

/** Columns may be followed by " desc". */
const INDEXES: readonly (readonly [table: string, columns: readonly string[], unique?: true])[] = [
  ["session", ["person_id"]],
  ["member", ["person_id"]],
  ["task", ["project_id"]],
  ["job", ["task_id"]],
  ["job", ["project_id", "stage", "state", "rank", "id"]],
  ["job", ["parent_id"]],
  ["job_image", ["job_id", "position"], true],
  ["job_image", ["image_id"]],
  ["annotation", ["job_id", "image_id"]],
  ["annotation", ["project_id", "id"]],
  ["review_issue", ["job_id"]],
  ["review_comment", ["issue_id"]],
  ["work_item", ["state", "kind", "priority desc", "run_at", "id"]],
  ["work_item", ["state", "id"]],
  ["work_item", ["project_id", "id"]],
  ["webhook", ["project_id"]],
  ["webhook_delivery", ["state", "next_at"]],
  ["webhook_delivery", ["webhook_id", "id"]],
];

/** The one table with a number of its own: entries are read in the order in which they were written. */
async function createAuditLog(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter.constructor.name === "PostgresAdapter";
  const sequence = isPostgres
    ? "bigint generated always as identity primary key"
    : "integer primary key autoincrement";
  await sql`create table audit_log (${sql.raw(`sequence ${sequence}, at bigint not null, person_id text,
     event text not null, project_id text, object_id text not null, details_json text not null`)})`.execute(
    db,
  );
  await db.schema
    .createIndex("audit_log_by_project")
    .on("audit_log")
    .columns(["project_id", "sequence"])
    .execute();
}
