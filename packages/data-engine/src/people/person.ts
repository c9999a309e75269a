import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import type { PersonTable } from "../store/schema.js";

/** A person, without anything secret. */
export interface Person {
  readonly id: string;
  /** In lower case; unique. */
  readonly name: string;
  /** May create projects, manage people, and do everything in every project. */
  readonly administrator: boolean;
  /** Whether there is a password; without one a proxy identifies the person, or nobody. */
  readonly hasPassword: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

export function personOf(row: PersonTable): Person {
  return {
    id: row.id,
    name: row.name,
    administrator: row.administrator === 1,
    hasPassword: row.password !== null,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  };
}

/** @throws DataEngineError `not-found` */
export async function getPerson(db: Db, id: string): Promise<Person> {
  const row = await db.selectFrom("person").selectAll().where("id", "=", id).executeTakeFirst();
  if (row) return personOf(row);
  throw new DataEngineError("not-found", `There is no person ${id.slice(0, 40)}.`);
}
