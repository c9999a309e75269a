import type { memberRoutes } from "../../contract/engine/people.js";
import type { EngineHandlers } from "../call.js";
import { sendSession } from "./accounts.js";

/** The people of a project, and invitations to it. */
export const memberHandlers: EngineHandlers<typeof memberRoutes> = {
  listMembers: ({ parts: { members }, params }) => members.list(params.project),
  async addMember({ parts: { people, members }, caller, params, body }) {
    const { id } = await people.getByName(body.name);
    return members.set(caller.person, params.project, id, body.role);
  },
  setMember: ({ parts: { members }, caller, params, body }) =>
    members.set(caller.person, params.project, params.person, body.role),
  async removeMember({ parts: { members }, caller, params }) {
    await members.remove(caller.person, params.project, params.person);
  },

  listInvitations: ({ parts: { invitations }, params }) => invitations.list(params.project),
  createInvitation: ({ parts: { invitations }, caller, params, body }) =>
    invitations.create(caller.person, params.project, body.role, body.expiresInMs),
  async revokeInvitation({ parts: { invitations }, caller, params }) {
    await invitations.revoke(caller.person, params.invitation);
  },

  getInvitationOffer: ({ parts: { invitations }, body }) => invitations.offer(body.secret),
  acceptInvitation: ({ parts: { invitations }, caller, body }) =>
    invitations.accept(body.secret, caller.person),
  async joinByInvitation({ parts: { invitations, sessions }, body, request, reply }) {
    const { person, project } = await invitations.acceptAsNew(body.secret, body);
    sendSession(request, reply, await sessions.begin(person));
    return { person, project };
  },

  readProjectAuditLog: ({ parts: { auditLog }, params, query }) =>
    auditLog.read({ ...query, project: params.project }),
};
