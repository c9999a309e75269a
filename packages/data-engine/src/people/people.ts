import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { newId } from "../store/ids.js";
import { MACHINE } from "../store/machine.js";
import { createAttemptLimit } from "./attempt-limit.js";
import { LOCAL_NAME, normalName, RESERVED_NAMES, readName } from "./name.js";
import { hashPassword, PASSWORD_COST, type PasswordCost, verifyPassword } from "./password.js";
import { getPerson, type Person, personOf } from "./person.js";

export interface NewPerson {
  readonly name: string;
  /** Missing for people whom a proxy identifies. */
  readonly password?: string | undefined;
  readonly administrator?: boolean | undefined;
}

export interface PersonPage {
  readonly people: readonly Person[];
  /** For the next call; null at the end. */
  readonly after: string | null;
}

/**
 * Accounts. Nobody is ever deleted, because labels and the audit log name their authors: people are disabled.
 */
export interface People {
  /**
   * Adds an account.
   *
   * @param by the person who adds it; null for the command on the machine itself
   * @throws DataEngineError `conflict` if the name is taken, `invalid`
   */
  add(person: NewPerson, by: string | null): Promise<Person>;
  /** @throws DataEngineError `not-found` */
  get(id: string): Promise<Person>;
  /** @throws DataEngineError `not-found` */
  getByName(name: string): Promise<Person>;
  /** In the order in which they were added; `after` is the page before's. */
  list(page?: { readonly after?: string | undefined; readonly limit?: number }): Promise<PersonPage>;
  /**
   * Sets another's password, and ends that person's sessions.
   *
   * @throws DataEngineError `invalid`, `not-found`
   */
  resetPassword(id: string, password: string, by: string | null): Promise<void>;
  /**
   * Changes the person's own password, and ends all their sessions.
   *
   * @throws DataEngineError `forbidden` if the present password is wrong, `invalid`, `not-found`,
   *   `too-many-attempts`
   */
  changePassword(id: string, present: string, next: string): Promise<void>;
  /**
   * Disables or enables an account, or makes it an administrator or not. Sessions of a disabled account end,
   * and its tokens don't work until it is enabled.
   *
   * @throws DataEngineError `conflict` if no administrator would be left, `not-found`
   */
  update(id: string, change: PersonChange, by: string | null): Promise<Person>;
  /** Whether there is any account. Without one, a machine has one person, who does not sign in. */
  any(): Promise<boolean>;
  /** The person of a machine without accounts; created on first use. */
  local(): Promise<Person>;
  /** The person whom a trusted proxy names; created on first use. @throws DataEngineError `not-signed-in` */
  fromProxy(name: string): Promise<Person>;
}

export interface PersonChange {
  readonly administrator?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

/**
 * @param passwordCost of new passwords; tests use a small one
 *
 * @example
 * const store = await openStore({ file: ":memory:" });
 * const people = createPeople({ db: store.db, now: Date.now });
 * const anna = await people.add({ name: "Anna", password: "correct horse" }, null);
 * console.log(anna.name, anna.hasPassword); // anna true
 * await store.close();
 */
export function createPeople(context: Context, passwordCost: PasswordCost = PASSWORD_COST): People {
  const { db, now } = context;
  const changes = createAttemptLimit({ burst: 10, intervalMs: 60_000, now });
  let isAny = false; // once there is an account, there always is
  return {
    async add({ name, password, administrator = false }, by) {
      const row = { name: readName(name), administrator };
      const hash = password === undefined ? null : await hashPassword(password, passwordCost);
      return insertPerson(context, { ...row, password: hash }, by);
    },
    get: (id) => getPerson(db, id),
    async getByName(name) {
      const found = await findByName(db, normalName(name));
      if (found) return found;
      throw new DataEngineError("not-found", `There is no person named "${name.slice(0, 64)}".`);
    },
    async list({ after, limit = 100 } = {}) {
      let query = db.selectFrom("person").selectAll().where("id", "!=", MACHINE).orderBy("id").limit(limit);
      if (after !== undefined) query = query.where("id", ">", after);
      const people = (await query.execute()).map(personOf);
      return { people, after: people.length === limit ? people.at(-1)!.id : null };
    },
    async resetPassword(id, password, by) {
      await setPassword(context, id, await hashPassword(password, passwordCost), by);
    },
    async changePassword(id, present, next) {
      changes.take(id);
      const row = await db.selectFrom("person").select("password").where("id", "=", id).executeTakeFirst();
      if (!(await verifyPassword(present, row?.password ?? null, passwordCost)))
        throw new DataEngineError("forbidden", "The present password is wrong.");
      await setPassword(context, id, await hashPassword(next, passwordCost), id);
    },
    update: (id, change, by) => updatePerson(context, id, change, by),
    async any() {
      isAny ||=
        (
          await db
            .selectFrom("person")
            .select("id")
            .where("name", "not in", RESERVED_NAMES)
            .limit(1)
            .execute()
        ).length > 0;
      return isAny;
    },
    local: () => findOrInsert(context, { name: LOCAL_NAME, password: null, administrator: true }),
    async fromProxy(text) {
      const person = await findOrInsert(context, {
        name: readProxyName(text),
        password: null,
        administrator: false,
      });
      if (person.disabledAt === null) return person;
      throw new DataEngineError("not-signed-in", `The account "${person.name}" is disabled.`);
    },
  };
}

function readProxyName(text: string): string {
  try {
    return readName(text);
  } catch (cause) {
    throw new DataEngineError("not-signed-in", `The proxy's header is no name: ${(cause as Error).message}`);
  }
}

interface PersonRow {
  readonly name: string;
  readonly password: string | null;
  readonly administrator: boolean;
}

/** For requests at the same time: one inserts, the others find it. */
async function findOrInsert(context: Context, row: PersonRow): Promise<Person> {
  const found = await findByName(context.db, row.name);
  if (found) return found;
  try {
    return await insertPerson(context, row, null);
  } catch (error) {
    const meanwhile = await findByName(context.db, row.name);
    if (meanwhile) return meanwhile;
    throw error;
  }
}

async function findByName(db: Db, name: string): Promise<Person | undefined> {
  const row = await db.selectFrom("person").selectAll().where("name", "=", name).executeTakeFirst();
  return row && personOf(row);
}

async function insertPerson({ db, now }: Context, person: PersonRow, by: string | null): Promise<Person> {
  return db.transaction().execute((trx) => insertPersonIn(trx, now(), person, by));
}

/**
 * Inserts a person and its entry of the audit log, in a transaction of the caller's.
 *
 * @throws DataEngineError `conflict` if the name is taken
 */
export async function insertPersonIn(
  trx: Db,
  now: number,
  { name, password, administrator }: PersonRow,
  by: string | null,
): Promise<Person> {
  const row = {
    ...{ id: newId(now), name, password, created_at: now, disabled_at: null },
    administrator: administrator ? 1 : 0,
  };
  const { numInsertedOrUpdatedRows: inserted } = await trx
    .insertInto("person")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .executeTakeFirst();
  if (inserted !== 1n)
    throw new DataEngineError("conflict", `The name "${name}" is taken; choose another one.`);
  const entry = { person: by, event: "create:person", project: null, object: row.id };
  await audit(trx, now, { ...entry, details: { name, administrator } });
  return personOf(row);
}

async function setPassword({ db, now }: Context, id: string, hash: string, by: string | null): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { name } = await getPerson(trx, id);
    if (name === LOCAL_NAME)
      throw new DataEngineError("invalid", `Nobody signs in as "${LOCAL_NAME}"; add an account instead.`);
    await trx.updateTable("person").set({ password: hash }).where("id", "=", id).execute();
    await trx.deleteFrom("session").where("person_id", "=", id).execute();
    const details = { password: "changed" };
    await audit(trx, now(), { person: by, event: "update:person", project: null, object: id, details });
  });
}

async function updatePerson(
  { db, now }: Context,
  id: string,
  change: PersonChange,
  by: string | null,
): Promise<Person> {
  return db.transaction().execute(async (trx) => {
    // Locks the rows of all administrators: two of them can't take each other's rights at the same time.
    await trx.updateTable("person").set({ administrator: 1 }).where("administrator", "=", 1).execute();
    const before = await getPerson(trx, id);
    if (before.name === LOCAL_NAME)
      throw new DataEngineError("invalid", `The person "${LOCAL_NAME}" can't be changed.`);
    const { administrator = before.administrator, disabled = before.disabledAt !== null } = change;
    const row = {
      administrator: administrator ? 1 : 0,
      disabled_at: disabled ? (before.disabledAt ?? now()) : null,
    };
    await trx.updateTable("person").set(row).where("id", "=", id).execute();
    if (disabled) await trx.deleteFrom("session").where("person_id", "=", id).execute();
    if (before.administrator && before.disabledAt === null) await refuseWithoutAdministrator(trx);
    const details = { administrator, disabled };
    await audit(trx, now(), { person: by, event: "update:person", project: null, object: id, details });
    return { ...before, administrator, disabledAt: row.disabled_at };
  });
}

async function refuseWithoutAdministrator(trx: Db): Promise<void> {
  const left = await trx
    .selectFrom("person")
    .select("id")
    .where("administrator", "=", 1)
    .where("disabled_at", "is", null)
    .where("name", "<>", LOCAL_NAME)
    .limit(1)
    .execute();
  if (left.length > 0) return;
  throw new DataEngineError("conflict", "This is the last administrator; make another person one first.");
}
