import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { readName } from "../people/name.js";
import { hashPassword, PASSWORD_COST, type PasswordCost } from "../people/password.js";
import { insertPersonIn } from "../people/people.js";
import { getPerson, type Person } from "../people/person.js";
import { hashSecret, newSecret } from "../people/secret.js";
import { newId } from "../store/ids.js";
import type { InvitationTable } from "../store/schema.js";
import { type Actor, roleIn } from "./access.js";
import { lockProject, type Member, requireMayGive, setMember } from "./members.js";
import { isAtLeast, ROLES, type Role } from "./roles.js";

/** An invitation to a project, without the secret of its link. */
export interface Invitation {
  readonly id: string;
  readonly project: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Who joined by it; null before that. */
  readonly acceptedBy: string | null;
}

/** What a link tells to whoever has it. */
export interface InvitationOffer {
  readonly projectName: string;
  readonly role: Role;
  /** Name of the person who invites. */
  readonly invitedBy: string;
  readonly expiresAt: number;
}

/** Links with which people join a project; each works once, until it expires or is revoked. */
export interface Invitations {
  /**
   * @param expiresInMs at most 30 days
   * @returns the link's secret too, which is not stored
   * @throws DataEngineError `forbidden` for a role above the actor's, `invalid`, `not-found`
   */
  create(
    actor: Actor,
    project: string,
    role: Role,
    expiresInMs?: number,
  ): Promise<Invitation & { readonly secret: string }>;
  /** In the order of their creation. */
  list(project: string): Promise<readonly Invitation[]>;
  /** Ends an invitation that nobody has accepted. @throws DataEngineError `conflict`, `not-found` */
  revoke(actor: Actor, id: string): Promise<void>;
  /** @throws DataEngineError `not-found` if it is unknown, expired, revoked or used */
  offer(secret: string): Promise<InvitationOffer>;
  /** A signed-in person joins; a role that is higher already stays. @throws DataEngineError as `offer` */
  accept(secret: string, person: Actor): Promise<Member & { readonly project: string }>;
  /** Adds an account and joins. @throws DataEngineError as `offer`, and as `People.add` */
  acceptAsNew(
    secret: string,
    account: { readonly name: string; readonly password: string },
  ): Promise<{ readonly person: Person; readonly project: string }>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_MS = 7 * DAY_MS;
const MAX_MS = 30 * DAY_MS;

/** @param passwordCost that of `createPeople` */
export function createInvitations(context: Context, passwordCost: PasswordCost = PASSWORD_COST): Invitations {
  const { db, now } = context;
  return {
    create: (actor, project, role, expiresInMs = DEFAULT_MS) =>
      createInvitation(context, actor, project, role, expiresInMs),
    async list(project) {
      const rows = await db
        .selectFrom("invitation")
        .selectAll()
        .where("project_id", "=", project)
        .orderBy("id")
        .execute();
      return rows.map(invitationOf);
    },
    revoke: (actor, id) => revoke(context, actor, id),
    async offer(secret) {
      const row = await findOpen(db, now(), secret);
      const project = await db
        .selectFrom("project")
        .select("name")
        .where("id", "=", row.project_id)
        .executeTakeFirstOrThrow();
      const { name: invitedBy } = await getPerson(db, row.created_by);
      const { role, expiresAt } = invitationOf(row);
      return { projectName: project.name, role, invitedBy, expiresAt };
    },
    accept: (secret, person) =>
      db.transaction().execute(async (trx) => acceptIn(trx, now(), secret, person.id)),
    async acceptAsNew(secret, account) {
      await findOpen(db, now(), secret); // before the hash, which is work
      const name = readName(account.name);
      const password = await hashPassword(account.password, passwordCost);
      return db.transaction().execute(async (trx) => {
        const person = await insertPersonIn(trx, now(), { name, password, administrator: false }, null);
        const { project } = await acceptIn(trx, now(), secret, person.id);
        return { person, project };
      });
    },
  };
}

async function createInvitation(
  { db, now }: Context,
  actor: Actor,
  project: string,
  role: Role,
  expiresInMs: number,
): Promise<Invitation & { readonly secret: string }> {
  if (!(expiresInMs > 0 && expiresInMs <= MAX_MS))
    throw new DataEngineError(
      "invalid",
      `The invitation would last ${expiresInMs} ms; allowed are up to 30 days.`,
    );
  const secret = newSecret("invitation");
  const row: InvitationTable = {
    ...{ id: newId(now()), secret_hash: hashSecret(secret), project_id: project, role, accepted_by: null },
    ...{ created_by: actor.id, created_at: now(), expires_at: now() + expiresInMs },
  };
  await db.transaction().execute(async (trx) => {
    await lockProject(trx, project);
    await requireMayGive(trx, actor, project, null, role);
    await trx.insertInto("invitation").values(row).execute();
    await auditInvitation(trx, now(), actor.id, "create:invitation", row);
  });
  return { ...invitationOf(row), secret };
}

async function revoke({ db, now }: Context, actor: Actor, id: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom("invitation").selectAll().where("id", "=", id).executeTakeFirst();
    if (!row) throw new DataEngineError("not-found", `There is no invitation ${id.slice(0, 40)}.`);
    const { numUpdatedRows } = await trx
      .updateTable("invitation")
      .set({ expires_at: Math.min(now(), row.expires_at) })
      .where("id", "=", id)
      .where("accepted_by", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n)
      throw new DataEngineError("conflict", "The invitation was accepted; remove the member instead.");
    await auditInvitation(trx, now(), actor.id, "delete:invitation", row);
  });
}

async function findOpen(db: Db, now: number, secret: string): Promise<InvitationTable> {
  const row = await db
    .selectFrom("invitation")
    .innerJoin("project", "project.id", "invitation.project_id")
    .selectAll("invitation")
    .where("invitation.secret_hash", "=", hashSecret(secret))
    .where("invitation.accepted_by", "is", null)
    .where("invitation.expires_at", ">", now)
    .where("project.deleted_at", "is", null)
    .executeTakeFirst();
  if (row) return row;
  throw new DataEngineError("not-found", "The invitation is unknown, expired or used; ask for another one.");
}

async function acceptIn(
  trx: Db,
  now: number,
  secret: string,
  person: string,
): Promise<Member & { readonly project: string }> {
  const row = await findOpen(trx, now, secret);
  const { role, project } = invitationOf(row);
  await lockProject(trx, project);
  const inviter = await getPerson(trx, row.created_by);
  // The inviter may have lost the role, or the account, since.
  if (inviter.disabledAt !== null)
    throw new DataEngineError("not-found", "The inviter's account is disabled.");
  await requireMayGive(trx, inviter, project, null, role);
  const { numUpdatedRows } = await trx
    .updateTable("invitation")
    .set({ accepted_by: person })
    .where("id", "=", row.id)
    .where("accepted_by", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new DataEngineError("not-found", "The invitation was used just now.");
  const present = await roleIn(trx, { id: person, administrator: false }, project);
  const member = await setMember(trx, project, person, present && isAtLeast(present, role) ? present : role);
  await auditInvitation(trx, now, person, "update:invitation", row);
  return { ...member, project };
}

async function auditInvitation(
  trx: Db,
  now: number,
  person: string,
  event: string,
  { id, project_id, role }: InvitationTable,
): Promise<void> {
  await audit(trx, now, { person, event, project: project_id, object: id, details: { role } });
}

function invitationOf(row: InvitationTable): Invitation {
  return {
    id: row.id,
    project: row.project_id,
    role: ROLES.find((role) => role === row.role) ?? "worker",
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    acceptedBy: row.accepted_by,
  };
}
