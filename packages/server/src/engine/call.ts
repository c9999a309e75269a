import type { FastifyReply, FastifyRequest } from "fastify";
import type {
  DeepReadonly,
  EngineRoute,
  RouteAnswer,
  RouteOutput,
  RouteParams,
} from "../contract/engine/route.js";
import type { EngineRouteName, EngineRoutes } from "../contract/engine/routes.js";
import type { EngineParts } from "../database/open-engine.js";
import type { Caller } from "./identify.js";

/** A request that its rule let through, with its parts checked against their schemas. */
export interface EngineCall<R extends EngineRoute> {
  readonly parts: EngineParts;
  /** Always there unless anyone may call the route. */
  readonly caller: R["rule"]["who"] extends "anyone" ? Caller | undefined : Caller;
  readonly params: RouteParams<R>;
  readonly query: RouteOutput<R, "query">;
  readonly body: RouteOutput<R, "body">;
  /** The version in `If-Match`. */
  readonly version: R["versioned"] extends "write" ? number : undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type EngineHandler<R extends EngineRoute> = (
  call: EngineCall<R>,
) => Promise<DeepReadonly<RouteAnswer<R>>>;

/** A handler for each route of the table: a route without one does not compile. */
export type EngineHandlers<Routes extends Record<string, EngineRoute>> = {
  readonly [Name in keyof Routes]: EngineHandler<Routes[Name]>;
};

/** The same without the types of single routes, for code that handles all of them. */
export type AnyEngineHandler = EngineHandler<EngineRoute>;

export type AllEngineHandlers = EngineHandlers<{ [Name in EngineRouteName]: EngineRoutes[Name] }>;
