import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
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
import { DataEngineError } from "../errors.js";
import { shareFlushes } from "./share-flushes.js";

/** Milliseconds that a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Pages in the write-ahead log from which a commit also moves them to the database, which takes a while.
 * Pages that change often are moved once.
 */
const CHECKPOINT_PAGES = 4000;

/**
 * kysely over SQLite. Readers in other processes don't block the writer (WAL). Every commit is on the disk
 * before it is acknowledged: not by SQLite's `synchronous=FULL`, which would stop all of this process until
 * it is, but by a flush of the log that commits share, and during which others go on.
 *
 * @param path the file, created where it is missing; ":memory:" for a database that ends with the process
 */
export function sqliteDialect(path: string): Dialect {
  const database = new DatabaseSync(path);
  const isLogged = setUp(database);
  const statements = keepStatements(database);
  const base = new SqliteDialect({ database: statements });
  return {
    createDriver: () =>
      isLogged
        ? new LoggedSqliteDriver(statements, `${resolve(path)}-wal`)
        : new ImmediateSqliteDriver({ database: statements }),
    createQueryCompiler: () => base.createQueryCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db) => base.createIntrospector(db),
  };
}

/** @returns whether it has a write-ahead log; a database in memory or in a network folder may have none */
function setUp(database: Database): boolean {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.exec("PRAGMA foreign_keys = ON");
  const { journal_mode } = database.prepare("PRAGMA journal_mode = WAL").get() as { journal_mode: string };
  const isLogged = journal_mode === "wal";
  database.exec(`PRAGMA synchronous = ${isLogged ? "NORMAL" : "FULL"}`);
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  return isLogged;
}

function keepStatements(database: Database): SqliteDatabase {
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

type Database = InstanceType<typeof DatabaseSync>;

type Statement = ReturnType<Database["prepare"]>;

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

/** Gives the connection to the next one before it flushes what was written. */
class LoggedSqliteDriver extends ImmediateSqliteDriver {
  readonly #database: SqliteDatabase;
  readonly #log: string;
  #file: FileHandle | undefined;
  #changes = 0;

  constructor(database: SqliteDatabase, log: string) {
    super({ database });
    this.#database = database;
    this.#log = log;
  }

  readonly #flush = shareFlushes(async () => {
    try {
      this.#file ??= await open(this.#log, "r+"); // Windows does not flush what is open for reading only
      await this.#file.datasync();
    } catch (cause) {
      throw new DataEngineError(
        "store-failed",
        `The database can't be flushed to the disk (${(cause as Error).message}); the last changes may be lost. Look after the disk, then start again.`,
        { cause },
      );
    }
  });

  override async releaseConnection(): Promise<void> {
    const [row] = this.#database.prepare("select total_changes() as changes").all([]);
    const { changes } = row as { changes: number };
    const hasWritten = changes !== this.#changes;
    this.#changes = changes;
    await super.releaseConnection();
    if (hasWritten) await this.#flush();
  }

  override async destroy(): Promise<void> {
    await this.#flush().catch(() => undefined); // its callers have been told
    await this.#file?.close();
    await super.destroy();
  }
}

/** SQLite does roll tables back; kysely's adapter is more careful than need be. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
