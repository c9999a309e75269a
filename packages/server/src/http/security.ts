import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ServerError } from "../errors.js";
import { secretOf } from "./authorization.js";
import { readCookie, setCookie } from "./cookies.js";

/** Paths that need no token. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/health", "/ready"]);

const COOKIE = "segany_token";
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export interface SecurityOptions {
  /** Whether the server listens on loopback only: then requests with any other Host are refused. */
  readonly loopback: boolean;
  readonly token: string | undefined;
}

/** Whether people sign in on this server: then the server's token is not asked for. */
type HasAccounts = () => Promise<boolean>;

/**
 * Refuses requests that a foreign page could send through the user's browser: another Host (DNS rebinding),
 * and state-changing requests from another origin. If there is a token and nobody has an account, also
 * refuses requests without the token.
 */
export function addSecurity(
  app: FastifyInstance,
  { loopback, token }: SecurityOptions,
  hasAccounts: HasAccounts,
): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.headers.host === undefined && request.raw.httpVersion === "1.1")
      throw new ServerError("bad-request", "The request has no Host header; send one.");
    if (loopback) checkHost(request);
    if (!SAFE_METHODS.has(request.method)) checkOrigin(request);
    if (token && !OPEN_PATHS.has(pathOf(request)) && !(await hasAccounts()))
      await checkToken(request, reply, token);
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0]!;
}

function checkHost({ headers: { host = "" } }: FastifyRequest): void {
  if (LOOPBACK_NAMES.has(host.replace(/:\d+$/, "").toLowerCase())) return;
  throw new ServerError(
    "forbidden-host",
    `This server accepts requests for localhost only, not for "${host.slice(0, 100)}"; start it with --host to reach it from elsewhere.`,
  );
}

/** @throws ServerError `forbidden-origin` for a request that another site's page sent */
export function checkOrigin({
  headers: { host = "", origin, "sec-fetch-site": site },
}: FastifyRequest): void {
  const sameOrigin = origin === undefined || origin.replace(/^https?:\/\//, "") === host;
  if (sameOrigin && site !== "cross-site") return;
  throw new ServerError("forbidden-origin", "Requests from other origins may not change anything.");
}

async function checkToken(request: FastifyRequest, reply: FastifyReply, token: string): Promise<void> {
  if (same(secretOf(request.headers.authorization), token) || same(readCookie(request, COOKIE), token))
    return;
  const offered = (request.query as { token?: unknown }).token;
  if (pathOf(request) === "/" && typeof offered === "string" && same(offered, token)) {
    setCookie(request, reply, COOKIE, token);
    await reply.redirect("/", 303); // the token leaves the address bar
    return;
  }
  void reply.header("www-authenticate", "Bearer");
  throw new ServerError(
    "unauthorized",
    'A token is required: open the URL that the server printed, or send "Authorization: Bearer …".',
  );
}

/** Compares in constant time. */
function same(offered: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return offered !== undefined && timingSafeEqual(digest(offered), digest(token));
}
