import type { Db } from "../context.js";
import type { Tables } from "../store/schema.js";

/** A part of a backup: the rows of a table, or those of them that others refer to, which come first. */
export interface BackupPart {
  readonly table: keyof Tables;
  readonly only?: "parents" | "children";
}

/** In an order in which no row comes before one that it refers to. */
export const BACKUP_PARTS: readonly BackupPart[] = [
  ...(["person", "session", "api_token", "project", "invitation", "member", "image", "task"] as const).map(
    (table) => ({ table }),
  ),
  { table: "job", only: "parents" },
  { table: "job", only: "children" },
  ...(["job_image", "annotation", "annotation_revision", "review_issue", "review_comment"] as const).map(
    (table) => ({ table }),
  ),
  ...(["work_item", "webhook", "webhook_delivery", "statistic", "audit_log"] as const).map((table) => ({
    table,
  })),
  ...(
    [
      "model_version",
      "model_version_mask",
      "validation_image",
      "stage_run",
      "stage_run_image",
      "stage_run_mask",
    ] as const
  ).map((table) => ({ table })),
];

/** Names of the columns of each table, sorted: the order is the same in both databases. */
export async function readColumns(db: Db): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = await db.introspection.getTables();
  return new Map(tables.map(({ name, columns }) => [name, columns.map((column) => column.name).sort()]));
}

/** Names of the migrations that made the tables. */
export async function readMigrations(db: Db): Promise<readonly string[]> {
  const rows = await (db as Db & { selectFrom(table: string): never })
    .selectFrom("kysely_migration" as never)
    .select("name" as never)
    .execute();
  return (rows as { name: string }[]).map(({ name }) => name).sort();
}
