import { createAccess } from "../access/access.js";
import { createInvitations } from "../access/invitations.js";
import { createMembers } from "../access/members.js";
import type { Context } from "../context.js";
import { createApiTokens } from "../people/api-tokens.js";
import { createPeople } from "../people/people.js";
import { createSessions } from "../people/sessions.js";
import { newId } from "../store/ids.js";

/** As little work as scrypt can be. */
export const CHEAP = { N: 2, r: 1, p: 1 } as const;

/** All of people and access over a store. */
export function createPeopleParts(context: Context) {
  return {
    people: createPeople(context, CHEAP),
    sessions: createSessions(context, CHEAP),
    tokens: createApiTokens(context),
    invitations: createInvitations(context, CHEAP),
    members: createMembers(context),
    access: createAccess(context),
  };
}

/** Inserts a project without any member. */
export async function insertProject({ db, now }: Context, name = "cats"): Promise<string> {
  const id = newId(now());
  await db
    .insertInto("project")
    .values({
      ...{ id, name, classes_json: "[]", settings_json: "{}", version: 1 },
      ...{ created_at: now(), deleted_at: null },
    })
    .execute();
  return id;
}
