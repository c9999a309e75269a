import { type Dialect, PostgresDialect } from "kysely";
import pg from "pg";
import Cursor from "pg-cursor";

/** Type of a column of 64 bits in PostgreSQL's protocol. */
const INT8 = 20;
const NUMERIC = 1700;

/** Connections of one process. */
const MAX_CONNECTIONS = 10;

/**
 * kysely over PostgreSQL. Integers of 64 bits (times, sums) come as numbers: ours stay below 2^53.
 *
 * @param url `postgres://…`, as in `DATABASE_URL`
 */
export function postgresDialect(url: string): Dialect {
  const types = {
    getTypeParser: (id: number, format?: "text" | "binary") =>
      id === INT8 || id === NUMERIC ? Number : pg.types.getTypeParser(id, format as "text"),
  };
  const pool = new pg.Pool({ connectionString: url, max: MAX_CONNECTIONS, types });
  // Without a listener a connection that breaks while idle would end the process; the next query reports it.
  pool.on("error", () => undefined);
  return new PostgresDialect({ pool, cursor: Cursor });
}
