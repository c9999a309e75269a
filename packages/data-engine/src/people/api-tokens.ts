import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { newId } from "../store/ids.js";
import type { ApiTokenTable } from "../store/schema.js";
import { LOCAL_NAME } from "./name.js";
import { getPerson, type Person, personOf } from "./person.js";
import { hashSecret, newSecret } from "./secret.js";

/** A token of a person's program, without its secret. */
export interface ApiToken {
  readonly id: string;
  /** What it is for, in the person's words. */
  readonly name: string;
  readonly createdAt: number;
  /** To the minute; null before the first use. */
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** Tokens with which programs act for a person. */
export interface ApiTokens {
  /** @returns the secret too, which is not stored and never shown again @throws DataEngineError `invalid` */
  create(person: string, name: string): Promise<ApiToken & { readonly secret: string }>;
  /** All tokens of a person, revoked ones too, in the order of their creation. */
  list(person: string): Promise<readonly ApiToken[]>;
  /** Ends a token of this person for ever. @throws DataEngineError `not-found` */
  revoke(person: string, id: string): Promise<ApiToken>;
  /** @throws DataEngineError `not-signed-in` if it is unknown, revoked, or of a disabled account */
  authenticate(secret: string): Promise<Person>;
}

/** The time of the last use is written at most this often. */
const USE_MS = 60_000;

export function createApiTokens(context: Context): ApiTokens {
  const { db, now } = context;
  return {
    create: (person, name) => createToken(context, person, name),
    async list(person) {
      const rows = await db
        .selectFrom("api_token")
        .selectAll()
        .where("person_id", "=", person)
        .orderBy("id")
        .execute();
      return rows.map(tokenOf);
    },
    async revoke(person, id) {
      return db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom("api_token")
          .selectAll()
          .where("id", "=", id)
          .where("person_id", "=", person)
          .executeTakeFirst();
        if (!row) throw new DataEngineError("not-found", `There is no token ${id.slice(0, 40)} of yours.`);
        if (row.revoked_at !== null) return tokenOf(row);
        const revoked = { ...row, revoked_at: now() };
        await trx
          .updateTable("api_token")
          .set({ revoked_at: revoked.revoked_at })
          .where("id", "=", id)
          .execute();
        await auditToken(trx, now(), "delete:api_token", revoked);
        return tokenOf(revoked);
      });
    },
    authenticate: (secret) => authenticate(context, secret),
  };
}

async function createToken(
  { db, now }: Context,
  person: string,
  name: string,
): Promise<ApiToken & { readonly secret: string }> {
  const secret = newSecret("segany");
  const row: ApiTokenTable = {
    ...{ id: newId(now()), person_id: person, name, secret_hash: hashSecret(secret), created_at: now() },
    ...{ last_used_at: null, revoked_at: null },
  };
  await db.transaction().execute(async (trx) => {
    if ((await getPerson(trx, person)).name === LOCAL_NAME)
      throw new DataEngineError("invalid", "Without accounts no token is needed; add an account first.");
    await trx.insertInto("api_token").values(row).execute();
    await auditToken(trx, now(), "create:api_token", row);
  });
  return { ...tokenOf(row), secret };
}

async function auditToken(trx: Db, now: number, event: string, row: ApiTokenTable): Promise<void> {
  const details = { name: row.name };
  await audit(trx, now, { person: row.person_id, event, project: null, object: row.id, details });
}

async function authenticate({ db, now }: Context, secret: string): Promise<Person> {
  const hash = hashSecret(secret);
  const row = await db
    .selectFrom("api_token")
    .innerJoin("person", "person.id", "api_token.person_id")
    .selectAll("person")
    .select("api_token.last_used_at")
    .where("api_token.secret_hash", "=", hash)
    .where("api_token.revoked_at", "is", null)
    .where("person.disabled_at", "is", null)
    .executeTakeFirst();
  if (!row) throw new DataEngineError("not-signed-in", "The API token is unknown or was revoked.");
  if (row.last_used_at === null || now() - row.last_used_at >= USE_MS)
    await db.updateTable("api_token").set({ last_used_at: now() }).where("secret_hash", "=", hash).execute();
  return personOf(row);
}

function tokenOf({ id, name, created_at, last_used_at, revoked_at }: ApiTokenTable): ApiToken {
  return { id, name, createdAt: created_at, lastUsedAt: last_used_at, revokedAt: revoked_at };
}
