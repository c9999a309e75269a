import { audit } from "../audit.js";
import type { Context } from "../context.js";
import { DataEngineError } from "../errors.js";
import { createAttemptLimit } from "./attempt-limit.js";
import { normalName } from "./name.js";
import { PASSWORD_COST, type PasswordCost, verifyPassword } from "./password.js";
import { type Person, personOf } from "./person.js";
import { hashSecret, newSecret } from "./secret.js";

/** How long a session lasts. */
export const SESSION_MS = 14 * 24 * 60 * 60 * 1000;

export interface NewSession {
  readonly person: Person;
  /** What the client sends from now on; only its hash is stored. */
  readonly secret: string;
  readonly expiresAt: number;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Of the client, for the limit. */
  readonly address: string;
}

/** Who is signed in. */
export interface Sessions {
  /**
   * Signs in with a password. Attempts are limited per name and per address.
   *
   * @throws DataEngineError `not-signed-in` (the same for an unknown name and a wrong password),
   *   `too-many-attempts`
   */
  signIn(credentials: Credentials): Promise<NewSession>;
  /** Begins a session of a person who proved otherwise who they are, for example by an invitation. */
  begin(person: Person): Promise<NewSession>;
  /** @throws DataEngineError `not-signed-in` if the session is unknown, expired, or of a disabled account */
  authenticate(secret: string): Promise<Person>;
  /** Ends the session; nothing happens if there is none. */
  signOut(secret: string): Promise<void>;
}

/** Attempts for one name: ten at once, then one a minute. */
const PER_NAME = { burst: 10, intervalMs: 60_000 };
/** Attempts of one address, where many people may be: fifty at once, then one in six seconds. */
const PER_ADDRESS = { burst: 50, intervalMs: 6_000 };

/** @param passwordCost that of `createPeople` */
export function createSessions(context: Context, passwordCost: PasswordCost = PASSWORD_COST): Sessions {
  const { db, now } = context;
  const names = createAttemptLimit({ ...PER_NAME, now });
  const addresses = createAttemptLimit({ ...PER_ADDRESS, now });
  return {
    async signIn({ name: text, password, address }) {
      const name = normalName(text);
      addresses.take(address);
      names.take(name);
      const row = await db.selectFrom("person").selectAll().where("name", "=", name).executeTakeFirst();
      const isRight = await verifyPassword(password, row?.password ?? null, passwordCost);
      if (!isRight || !row || row.disabled_at !== null)
        throw new DataEngineError("not-signed-in", "The name or the password is wrong.");
      names.forget(name);
      return beginSession(context, personOf(row));
    },
    begin: (person) => beginSession(context, person),
    async authenticate(secret) {
      const row = await db
        .selectFrom("session")
        .innerJoin("person", "person.id", "session.person_id")
        .selectAll("person")
        .where("session.secret_hash", "=", hashSecret(secret))
        .where("session.expires_at", ">", now())
        .where("person.disabled_at", "is", null)
        .executeTakeFirst();
      if (row) return personOf(row);
      throw new DataEngineError("not-signed-in", "The session has ended; sign in again.");
    },
    signOut: (secret) => endSession(context, secret),
  };
}

async function beginSession({ db, now }: Context, person: Person): Promise<NewSession> {
  const at = now();
  const secret = newSecret("session");
  const expiresAt = at + SESSION_MS;
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom("session").where("expires_at", "<=", at).execute();
    await trx
      .insertInto("session")
      .values({
        secret_hash: hashSecret(secret),
        person_id: person.id,
        created_at: at,
        expires_at: expiresAt,
      })
      .execute();
    await audit(trx, at, { person: person.id, event: "create:session", project: null, object: person.id });
  });
  return { person, secret, expiresAt };
}

async function endSession({ db, now }: Context, secret: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const ended = await trx
      .deleteFrom("session")
      .where("secret_hash", "=", hashSecret(secret))
      .returning("person_id")
      .executeTakeFirst();
    if (!ended) return;
    const person = ended.person_id;
    await audit(trx, now(), { person, event: "delete:session", project: null, object: person });
  });
}
