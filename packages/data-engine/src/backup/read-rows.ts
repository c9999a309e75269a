import { sql } from "kysely";
import type { Context, Db } from "../context.js";
import { isPostgres } from "../store/is-postgres.js";
import { BACKUP_PARTS, type BackupPart, readColumns } from "./tables.js";

/** Rows that are in memory at a time. */
const ROWS_AT_ONCE = 500;

/** What {@link readRows} yields: first the columns of a table, then its rows. */
export type BackupEntry =
  | { readonly part: BackupPart; readonly columns: readonly string[] }
  | { readonly part: BackupPart; readonly row: readonly unknown[] };

/** Every row of the database as it is at one moment. The store's other connections go on meanwhile. */
export async function* readRows(db: Context["db"]): AsyncGenerator<BackupEntry> {
  const connection = await takeConnection(db);
  try {
    await sql`${sql.raw(isPostgres(db) ? "begin isolation level repeatable read read only" : "begin")}`.execute(
      connection.db,
    );
    const columnsOf = await readColumns(connection.db);
    for (const part of BACKUP_PARTS) {
      const columns = columnsOf.get(part.table)!;
      yield { part, columns };
      for await (const row of streamPart(connection.db, part, columns)) yield { part, row };
    }
  } finally {
    await sql`rollback`.execute(connection.db).finally(connection.release);
  }
}

async function* streamPart(
  db: Db,
  { table, only }: BackupPart,
  columns: readonly string[],
): AsyncGenerator<readonly unknown[]> {
  let query = (db as Context["db"]).selectFrom(table).select(columns as never);
  if (only) query = query.where("parent_id" as never, only === "parents" ? "is" : "is not", null);
  for await (const row of query.stream(ROWS_AT_ONCE)) {
    const values = row as Readonly<Record<string, unknown>>;
    yield columns.map((column) => values[column]);
  }
}

/** A connection that a generator can hold: kysely lends one for the time of a callback only. */
async function takeConnection(db: Context["db"]): Promise<{ readonly db: Db; release(): void }> {
  return new Promise((resolve, reject) => {
    db.connection()
      .execute(
        (connection) =>
          new Promise<void>((release) => {
            resolve({ db: connection, release });
          }),
      )
      .catch(reject);
  });
}
