import { DatabaseSync } from "@photostructure/sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";

/** Milliseconds that a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * kysely over SQLite. Every commit is on the disk before it is acknowledged (`synchronous=FULL`), and readers
 * in other processes don't block the writer (WAL).
 *
 * @param path the file, created where it is missing; ":memory:" for a database that ends with the process
 */
export function sqliteDialect(path: string): Dialect {
  const database = openDatabase(path);
  const base = new SqliteDialect({ database });
  return {
    createDriver: () => new ImmediateSqliteDriver({ database }),
    createQueryCompiler: () => base.createQueryCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db) => base.createIntrospector(db),
  };
}

function openDatabase(path: string): SqliteDatabase {
  const database = new DatabaseSync(path);
  for (const pragma of [
    `busy_timeout = ${BUSY_TIMEOUT_MS}`,
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
  ])
    database.exec(`PRAGMA ${pragma}`);
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = wrap(database.prepare(sql));
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}

/** Prepared statements that are kept. */
const MAX_STATEMENTS = 500;

type Statement = ReturnType<InstanceType<typeof DatabaseSync>["prepare"]>;

/** What kysely needs of a statement, in the form of better-sqlite3. */
function wrap(statement: Statement): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as Parameters<Statement["run"]>;
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}

/**
 * A transaction takes the write lock when it begins. A deferred one that reads before it writes fails at once
 * when another process wrote in between, however long the timeout is.
 */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

/** SQLite does roll tables back; kysely's adapter is more careful than need be. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
