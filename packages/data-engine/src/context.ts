import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./store/schema.js";

/** What every part of the data engine works with. */
export interface Context {
  readonly db: Kysely<Tables>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The database, or a transaction on it. */
export type Db = Kysely<Tables> | Transaction<Tables>;
