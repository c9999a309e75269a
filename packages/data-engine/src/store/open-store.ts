import { Kysely } from "kysely";
import { DataEngineError } from "../errors.js";
import { migrate } from "./migrate.js";
import type { Tables } from "./schema.js";

/** Where the database is: a file of SQLite, or the address of a PostgreSQL database. */
export type StoreLocation = { readonly file: string } | { readonly url: string };

/** The open database. */
export interface Store {
  readonly kind: "sqlite" | "postgres";
  readonly db: Kysely<Tables>;
  close(): Promise<void>;
}

/**
 * Opens the database and brings it to the present form.
 *
 * @throws DataEngineError `store-failed` if it can't be opened, `store-newer` if a newer version wrote it
 *
 * @example
 * const store = await openStore({ file: ":memory:" });
 * console.log(store.kind); // sqlite
 * await store.close();
 */
export async function openStore(location: StoreLocation): Promise<Store> {
  const db = await connect(location);
  try {
    await migrate(db as unknown as Kysely<never>);
  } catch (cause) {
    await db.destroy().catch(() => undefined); // the first error is the one to report
    throw cause instanceof DataEngineError ? cause : openError(location, cause);
  }
  return { kind: "file" in location ? "sqlite" : "postgres", db, close: () => db.destroy() };
}

/** Only the library of the database that is used is loaded. */
async function connect(location: StoreLocation): Promise<Kysely<Tables>> {
  try {
    const dialect =
      "file" in location
        ? (await import("./sqlite-dialect.js")).sqliteDialect(location.file)
        : (await import("./postgres-dialect.js")).postgresDialect(location.url);
    return new Kysely<Tables>({ dialect });
  } catch (cause) {
    throw openError(location, cause);
  }
}

function openError(location: StoreLocation, cause: unknown): DataEngineError {
  const name = "file" in location ? location.file : withoutPassword(location.url);
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new DataEngineError("store-failed", `The database ${name} can't be opened: ${reason}`, { cause });
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return "of the given address";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
