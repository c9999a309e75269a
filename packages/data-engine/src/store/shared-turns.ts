import { type Kysely, sql } from "kysely";
import type { Tables } from "./schema.js";

/** Connections that turns hold at a time, of the ten that a process has: the others stay for requests. */
const AT_ONCE = 4;

/**
 * Makes processes take turns: work with the same key runs in one at a time, wherever they are. If the
 * connection to the database is lost meanwhile, another may begin before the work has ended.
 *
 * @param db a PostgreSQL database that all of them use
 * @returns runs work when it is its turn; rejects with the error of the work or of the database
 */
export function createSharedTurns(db: Kysely<Tables>) {
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;

  async function takePlace(): Promise<void> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function givePlace(): void {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    await takePlace();
    try {
      return await db.transaction().execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx);
        return work();
      });
    } finally {
      givePlace();
    }
  };
}
