import type { Person } from "@segany/data-engine";
import type { FastifyRequest } from "fastify";
import type { Engine, EngineParts } from "../database/open-engine.js";
import { ServerError } from "../errors.js";
import { secretOf } from "../http/authorization.js";
import { readCookie } from "../http/cookies.js";
import type { TrustedProxy } from "../options.js";

/** Name of the cookie with the session's secret. */
export const SESSION_COOKIE = "segany_session";

/** Who sent a request, and how the request says so. */
export interface Caller {
  readonly person: Person;
  readonly by: "session" | "token" | "proxy" | "local";
}

/** Finds out who sends requests. */
export interface Identify {
  /** Whether people sign in on this server. Without accounts it has one user, who does not. */
  hasAccounts(): Promise<boolean>;
  /**
   * @returns undefined for a request that does not say who sends it
   * @throws DataEngineError `not-signed-in` for one that says it wrongly: an expired session, for example
   */
  callerOf(request: FastifyRequest, parts: EngineParts): Promise<Caller | undefined>;
}

export function createIdentify(engine: Engine, proxy: TrustedProxy | undefined): Identify {
  async function hasAccounts(): Promise<boolean> {
    if (proxy) return true;
    const parts = await engine.ifPresent();
    return parts ? parts.people.any() : false;
  }

  return {
    hasAccounts,
    async callerOf(request, parts) {
      if (!(await hasAccounts())) return { person: await parts.people.local(), by: "local" };
      const { authorization } = request.headers;
      if (authorization !== undefined)
        return { person: await parts.tokens.authenticate(bearerOf(authorization)), by: "token" };
      const named = proxy && nameFromProxy(request, proxy);
      if (named) return { person: await parts.people.fromProxy(named), by: "proxy" };
      const secret = readCookie(request, SESSION_COOKIE);
      if (!secret) return undefined;
      return { person: await parts.sessions.authenticate(secret), by: "session" };
    },
  };
}

function bearerOf(authorization: string): string {
  const token = secretOf(authorization);
  if (token !== undefined) return token;
  throw new ServerError("unauthorized", 'Send the API token as "Authorization: Bearer …".');
}

/** The peer is who is connected, not whom a header names. */
function nameFromProxy(
  { raw, headers }: FastifyRequest,
  { header, addresses }: TrustedProxy,
): string | undefined {
  const peer = raw.socket.remoteAddress?.replace(/^::ffff:/, "");
  const value = headers[header];
  return peer !== undefined && addresses.includes(peer) && typeof value === "string" ? value : undefined;
}
