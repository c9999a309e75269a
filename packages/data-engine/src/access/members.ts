import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { type Actor, roleIn } from "./access.js";
import { isAtLeast, ROLES, type Role } from "./roles.js";

export interface Member {
  readonly person: string;
  readonly name: string;
  readonly role: Role;
}

/**
 * The people of projects. A project always has an owner. Nobody gives or takes a role above their own, and
 * only owners and maintainers give any.
 */
export interface Members {
  /** By name. */
  list(project: string): Promise<readonly Member[]>;
  /**
   * Adds a person, or changes the person's role.
   *
   * @throws DataEngineError `forbidden` above the actor's role, `conflict` if no owner would be left,
   *   `not-found` for an unknown person or project
   */
  set(actor: Actor, project: string, person: string, role: Role): Promise<Member>;
  /** @throws DataEngineError as `set`; `not-found` if the person is no member */
  remove(actor: Actor, project: string, person: string): Promise<void>;
}

export function createMembers({ db, now }: Context): Members {
  return {
    async list(project) {
      const rows = await membersOf(db, project).orderBy("person.name").execute();
      return rows.map(memberOf);
    },
    set(actor, project, person, role) {
      return db.transaction().execute(async (trx) => {
        await lockProject(trx, project);
        await requireMayGive(trx, actor, project, person, role);
        const member = await setMember(trx, project, person, role);
        await requireOwner(trx, project);
        await auditMember(trx, now(), actor, "update:member", project, member);
        return member;
      });
    },
    async remove(actor, project, person) {
      await db.transaction().execute(async (trx) => {
        await lockProject(trx, project);
        const row = await membersOf(trx, project).where("person.id", "=", person).executeTakeFirst();
        if (!row)
          throw new DataEngineError("not-found", `${person.slice(0, 40)} is no member of this project.`);
        if (person !== actor.id) await requireMayGive(trx, actor, project, person, memberOf(row).role);
        await trx
          .deleteFrom("member")
          .where("project_id", "=", project)
          .where("person_id", "=", person)
          .execute();
        await requireOwner(trx, project);
        await auditMember(trx, now(), actor, "delete:member", project, memberOf(row));
      });
    },
  };
}

function membersOf(db: Db, project: string) {
  return db
    .selectFrom("member")
    .innerJoin("person", "person.id", "member.person_id")
    .select(["person.id as person", "person.name", "member.role"])
    .where("member.project_id", "=", project);
}

function memberOf({ person, name, role }: { person: string; name: string; role: string }): Member {
  return { person, name, role: ROLES.find((each) => each === role) ?? "worker" };
}

/** Changes of one project's members happen one after another, in PostgreSQL too. */
export async function lockProject(trx: Db, project: string): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable("project")
    .set((eb) => ({ version: eb.ref("version") }))
    .where("id", "=", project)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n)
    throw new DataEngineError("not-found", `There is no project ${project.slice(0, 40)}.`);
}

/** @throws DataEngineError `forbidden` */
export async function requireMayGive(
  db: Db,
  actor: Actor,
  project: string,
  person: string | null,
  role: Role,
): Promise<void> {
  const own = await roleIn(db, actor, project);
  const present =
    person === null ? undefined : await roleIn(db, { id: person, administrator: false }, project);
  const isAllowed =
    own !== undefined &&
    isAtLeast(own, "maintainer") &&
    isAtLeast(own, role) &&
    (present === undefined || isAtLeast(own, present));
  if (!isAllowed)
    throw new DataEngineError(
      "forbidden",
      `As ${own ?? "no member"} of this project you may not give or take the role ${present && !isAtLeast(role, present) ? present : role}.`,
    );
}

/** Adds or changes a member. @throws DataEngineError `not-found` for an unknown or disabled person */
export async function setMember(trx: Db, project: string, person: string, role: Role): Promise<Member> {
  const row = await trx
    .selectFrom("person")
    .select("name")
    .where("id", "=", person)
    .where("disabled_at", "is", null)
    .executeTakeFirst();
  if (!row) throw new DataEngineError("not-found", `There is no person ${person.slice(0, 40)}, or disabled.`);
  await trx
    .insertInto("member")
    .values({ project_id: project, person_id: person, role })
    .onConflict((conflict) => conflict.columns(["project_id", "person_id"]).doUpdateSet({ role }))
    .execute();
  return { person, name: row.name, role };
}

async function requireOwner(trx: Db, project: string): Promise<void> {
  const owner = await trx
    .selectFrom("member")
    .select("person_id")
    .where("project_id", "=", project)
    .where("role", "=", "owner")
    .limit(1)
    .executeTakeFirst();
  if (!owner)
    throw new DataEngineError("conflict", "A project needs an owner; make another person owner first.");
}

async function auditMember(
  trx: Db,
  now: number,
  actor: Actor,
  event: string,
  project: string,
  { person, role }: Member,
): Promise<void> {
  await audit(trx, now, { person: actor.id, event, project, object: person, details: { role } });
}
