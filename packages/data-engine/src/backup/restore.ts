import { sql } from "kysely";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { isPostgres } from "../store/is-postgres.js";
import { MACHINE } from "../store/machine.js";
import type { BackupTrailer } from "./backup.js";
import { createContentHash } from "./content-hash.js";
import { type BackupLine, readBackup } from "./read-backup.js";
import { BACKUP_PARTS, readColumns, readMigrations } from "./tables.js";

const TABLES: ReadonlySet<string> = new Set(BACKUP_PARTS.map((part) => part.table));

/** Rows of one statement: both databases limit the number of parameters. */
const ROWS_AT_ONCE = 500;

/**
 * Fills an empty database from a backup, in one transaction: all of it or nothing.
 *
 * @param file the bytes of the file, in any pieces
 * @returns what was restored
 * @throws DataEngineError `conflict` if the database is not empty; `store-newer` if the backup is of a newer
 *   version; `invalid` if the file is no backup, of another version, or damaged
 */
export function restoreBackup(context: Context, file: AsyncIterable<Uint8Array>): Promise<BackupTrailer> {
  return context.db.transaction().execute(async (trx) => {
    await checkEmpty(trx);
    await trx.deleteFrom("person").where("id", "=", MACHINE).execute(); // the backup has it
    const lines = readBackup(file, await readMigrations(trx));
    const restored = await insertLines(trx, lines);
    if (isPostgres(trx))
      await sql`select setval(pg_get_serial_sequence('audit_log', 'sequence'),
        coalesce(max(sequence), 1), max(sequence) is not null) from audit_log`.execute(trx);
    return restored;
  });
}

async function insertLines(trx: Db, lines: AsyncIterable<BackupLine>): Promise<BackupTrailer> {
  const known = await readColumns(trx);
  const hash = createContentHash();
  let table = "";
  let columns: readonly string[] = [];
  let rows: (readonly unknown[])[] = [];
  const flush = async () => {
    if (rows.length > 0) await insertRows(trx, table, columns, rows);
    rows = [];
  };
  for await (const line of lines) {
    if (line.kind === "row") {
      if (line.values.length !== columns.length) throw damaged(`a row of ${table} has another length`);
      hash.add(table, JSON.stringify(line.values));
      rows.push(line.values);
      if (rows.length >= ROWS_AT_ONCE) await flush();
      continue;
    }
    await flush();
    if (line.kind === "trailer") {
      if (hash.sha256() !== line.trailer.sha256) throw damaged("its content has another hash than it says");
      return { counts: hash.counts, sha256: line.trailer.sha256 };
    }
    ({ table, columns } = line);
    if (!TABLES.has(table) || String(known.get(table)) !== String(columns))
      throw damaged(`it has a table ${table} of other columns`);
  }
  throw damaged("it ends early");
}

async function insertRows(
  trx: Db,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(row)})`));
  // Entries keep their numbers.
  const overriding = sql.raw(table === "audit_log" && isPostgres(trx) ? "overriding system value" : "");
  try {
    await sql`insert into ${sql.table(table)} (${names}) ${overriding} values ${values}`.execute(trx);
  } catch (cause) {
    throw damaged(`rows of ${table} can't be stored`, cause);
  }
}

/** Of the machine's person alone every database has a row. */
async function checkEmpty(trx: Db): Promise<void> {
  for (const { table } of BACKUP_PARTS) {
    const query = sql<{ found: number }>`select 1 as found from ${sql.table(table)}
      ${table === "person" ? sql`where id <> ${MACHINE}` : sql``} limit 1`;
    if ((await query.execute(trx)).rows.length > 0)
      throw new DataEngineError(
        "conflict",
        `The database is not empty: it has rows in ${table}. Restore into a new one.`,
      );
  }
}

const damaged = (reason: string, cause?: unknown) =>
  new DataEngineError("invalid", `The backup is damaged: ${reason}. Nothing was restored.`, { cause });
