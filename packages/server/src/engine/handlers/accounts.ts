import type { NewSession } from "@segany/data-engine";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { accountRoutes } from "../../contract/engine/people.js";
import { clientOf } from "../../http/client-quota.js";
import { readCookie, setCookie } from "../../http/cookies.js";
import type { EngineHandlers } from "../call.js";
import { SESSION_COOKIE } from "../identify.js";

/** Signing in, accounts and tokens. */
export const accountHandlers: EngineHandlers<typeof accountRoutes> = {
  async getSession({ caller }) {
    return { person: caller?.person ?? null, by: caller?.by ?? null };
  },

  async signIn({ parts: { sessions }, body, request, reply }) {
    const session = await sessions.signIn({ ...body, address: clientOf(request.ip) });
    sendSession(request, reply, session);
    return { person: session.person, by: "session" };
  },

  async signOut({ parts: { sessions }, request, reply }) {
    const secret = readCookie(request, SESSION_COOKIE);
    if (secret) await sessions.signOut(secret);
    setCookie(request, reply, SESSION_COOKIE, "", 0);
  },

  async changePassword({ parts: { people }, caller, body }) {
    await people.changePassword(caller.person.id, body.present, body.next);
  },

  listTokens: ({ parts: { tokens }, caller }) => tokens.list(caller.person.id),
  createToken: ({ parts: { tokens }, caller, body }) => tokens.create(caller.person.id, body.name),
  revokeToken: ({ parts: { tokens }, caller, params }) => tokens.revoke(caller.person.id, params.token),

  async listPeople({ parts, query }) {
    const { people, after } = await parts.people.list(query);
    return { items: people, after };
  },
  addPerson: ({ parts: { people }, caller, body }) => people.add(body, caller.person.id),
  getPerson: ({ parts: { people }, params }) => people.get(params.person),
  updatePerson: ({ parts: { people }, caller, params, body }) =>
    people.update(params.person, body, caller.person.id),
  async resetPassword({ parts: { people }, caller, params, body }) {
    await people.resetPassword(params.person, body.password, caller.person.id);
  },

  readAuditLog: ({ parts: { auditLog }, query }) => auditLog.read(query),
};

/** Gives the browser its session. */
export function sendSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { secret, expiresAt }: NewSession,
): void {
  setCookie(request, reply, SESSION_COOKIE, secret, Math.floor((expiresAt - Date.now()) / 1000));
}
