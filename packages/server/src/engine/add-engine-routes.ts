import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { EngineRoute } from "../contract/engine/route.js";
import { ENGINE_ROUTES } from "../contract/engine/routes.js";
import { idSchema } from "../contract/engine/values.js";
import { imageIdSchema } from "../contract/images.js";
import type { Engine, EngineParts } from "../database/open-engine.js";
import { ServerError } from "../errors.js";
import { entityTag, isFresh } from "../http/preconditions.js";
import { readInput } from "../http/read-input.js";
import { checkOrigin } from "../http/security.js";
import type { AllEngineHandlers, AnyEngineHandler, EngineCall } from "./call.js";
import { checkRule } from "./check-rule.js";
import type { Caller, Identify } from "./identify.js";

interface Checked {
  readonly parts: EngineParts;
  readonly caller: Caller | undefined;
}

/**
 * Adds every route of the table. Who sends a request, and whether they may, is decided before its body is
 * read.
 */
export function addEngineRoutes(
  app: FastifyInstance,
  engine: Engine,
  identify: Identify,
  handlers: AllEngineHandlers,
): void {
  const checked = new WeakMap<FastifyRequest, Checked>();

  async function check(request: FastifyRequest, { rule }: EngineRoute): Promise<void> {
    checkOrigin(request); // reading, too: an answer has what other sites' pages may not know
    const params = checkIds(request.params as Record<string, string>);
    const parts = await engine.open();
    const isOpen = rule.who === "anyone";
    const caller = await identify.callerOf(request, parts).catch((error) => {
      if (isOpen) return undefined; // an expired session does not keep anyone from signing in
      throw error;
    });
    await checkRule(rule, caller, params, parts);
    checked.set(request, { parts, caller });
  }

  for (const [name, route] of Object.entries<EngineRoute>(ENGINE_ROUTES)) {
    const handle = handlers[name as keyof AllEngineHandlers] as AnyEngineHandler;
    app.route({
      method: route.method,
      url: route.url,
      config: { ...(route.maxValues !== undefined && { json: { maxValues: route.maxValues } }) },
      onRequest: (request) => check(request, route),
      handler: async (request, reply) => {
        const call = readCall(route, request, reply, checked.get(request)!);
        const body = await handle(call).catch((error) => {
          throw isStale(error, route) ? new ServerError("precondition-failed", error.message) : error;
        });
        return answer(route, request, reply, body);
      },
    });
  }
}

/** A change on a version that is not the present one. */
function isStale(error: Error & { code?: string }, { versioned }: EngineRoute): boolean {
  return versioned === "write" && error.name === "DataEngineError" && error.code === "conflict";
}

/** Ids are UUIDs, or hashes of images: anything else names nothing. */
export function checkIds(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, id] of Object.entries(params)) {
    const schema = name === "image" ? imageIdSchema : idSchema;
    readInput(schema, id, `The id of the ${name}`, "not-found");
  }
  return params;
}

function readCall(
  { query, body, versioned }: EngineRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  { parts, caller }: Checked,
): EngineCall<EngineRoute> {
  const call = {
    ...{ parts, caller, request, reply, params: request.params },
    query: query && readInput(query, request.query, "The query"),
    body: body && readInput(body, request.body, "The body", "body-invalid"),
    version: versioned === "write" ? readVersion(request) : undefined,
  };
  return call as unknown as EngineCall<EngineRoute>;
}

function readVersion({ headers }: FastifyRequest): number {
  const header = headers["if-match"];
  if (header === undefined)
    throw new ServerError("precondition-required", "Send the ETag of what you change as If-Match.");
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new ServerError("bad-request", `If-Match is invalid: "${header.slice(0, 100)}". Send one ETag.`);
}

function answer(
  route: EngineRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
): FastifyReply {
  void reply.header("cache-control", route.versioned ? "private, no-cache" : "no-store");
  if (route.download) return reply.type(route.download).send(body);
  if (!route.answer) return reply.status(204).send();
  if (route.csv !== undefined)
    void reply
      .type("text/csv; charset=utf-8")
      .header("content-disposition", `attachment; filename="${route.csv}"`);
  if (route.versioned) {
    const { version } = body as { version: number };
    void reply.header("etag", entityTag(String(version)));
    if (route.versioned === "read" && isFresh(request.headers, String(version)))
      return reply.status(304).send();
  }
  return reply.status(route.status ?? 200).send(body);
}
