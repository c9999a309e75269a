import { PostgresAdapter, type QueryExecutorProvider } from "kysely";

/** For the few statements that only PostgreSQL has. */
export function isPostgres(db: QueryExecutorProvider): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
