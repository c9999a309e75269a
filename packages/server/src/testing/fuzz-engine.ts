import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { expect } from "vitest";
import { z } from "zod";
import type { EngineRoute } from "../contract/engine/route.js";
import { ENGINE_ROUTES } from "../contract/engine/routes.js";
import type { Team } from "./engine-team.js";

interface Request {
  readonly route: EngineRoute;
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  /** Sends the body as this text instead. */
  readonly text: string | undefined;
  readonly ifMatch: string | undefined;
}

/**
 * Sends so many requests of an administrator to the routes of the table, with bodies, queries and ids that
 * nearly fit, and holds that none is a fault of the server.
 */
export async function fuzzEngine(app: FastifyInstance, team: Team, count: number): Promise<void> {
  const property = fc.asyncProperty(requests(team), async ({ route, path, query, body, text, ifMatch }) => {
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const { statusCode, body: answer } = await app.inject({
      method: route.method,
      url: path + query,
      headers: {
        ...{ host: "localhost", ...team.headers.administrator },
        ...(payload !== undefined && { "content-type": "application/json" }),
        ...(ifMatch !== undefined && { "if-match": ifMatch }),
      },
      ...(payload !== undefined && { payload }),
    });
    expect(statusCode, `${route.method} ${path}${query} ${payload}: ${answer}`).toBeLessThan(500);
  });
  await fc.assert(property, { numRuns: count });
}

function requests({ project }: Team): fc.Arbitrary<Request> {
  const ids = Object.values(project);
  const routes = Object.values<EngineRoute>(ENGINE_ROUTES).filter(({ url }) => !url.endsWith("/session"));
  return fc.constantFrom(...routes).chain((route) =>
    fc.record({
      route: fc.constant(route),
      path: pathOf(route, project, ids),
      query: fc.oneof({ weight: 3, arbitrary: fc.constant("") }, queryOf(route)),
      body: route.body
        ? nearValue(z.toJSONSchema(route.body, JSON_SCHEMA) as Schema, ids)
        : fc.constant(undefined),
      text: fc.option(fc.oneof(fc.constantFrom("", "{", "[]", "null", '{"a":1e999}'), fc.string()), {
        ...{ freq: 20, nil: undefined },
      }),
      ifMatch: fc.option(
        fc
          .oneof(fc.constantFrom('"1"', "*", 'W/"1"', '"999999999999999"'), fc.string())
          .map((text) => text.replace(/[^\x20-\x7e]/g, "")),
        { nil: undefined },
      ),
    }),
  );
}

const JSON_SCHEMA = { io: "input", unrepresentable: "any" } as const;

function pathOf(
  { url }: EngineRoute,
  project: Readonly<Record<string, string>>,
  ids: string[],
): fc.Arbitrary<string> {
  const names = [...url.matchAll(/:([\w-]+)/g)].map(([, name]) => name!);
  const values = names.map((name) =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(project[name]!) },
      fc.constantFrom(...ids),
      fc.string({ minLength: 1, unit: "binary" }).map(encodeURIComponent),
    ),
  );
  return fc.tuple(...values).map((chosen) => url.replace(/:([\w-]+)/g, () => chosen.shift() ?? ""));
}

function queryOf({ query }: EngineRoute): fc.Arbitrary<string> {
  const names = ["after", "limit", ...Object.keys(query?.shape ?? {})];
  return fc
    .dictionary(
      fc.constantFrom(...names),
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("0", "1", "-1", "1e9", "9".repeat(30))),
    )
    .map((values) => `?${new URLSearchParams(values)}`);
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const strings = (ids: readonly string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
    { weight: 2, arbitrary: fc.constantFrom(...ids) },
    fc.string({ unit: "binary" }),
    fc.constantFrom("\0", "a\0b", "\ud800", "", " ", "x".repeat(5000), "#ff0000", "__proto__", "10000000"),
  );

const numbers = fc.oneof(
  fc.integer({ min: 0, max: 10 }),
  fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324),
);

/** A value that fits the schema, mostly. */
function nearValue(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const { weight, arbitrary } = { weight: 12, arbitrary: fittingValue(schema, ids) };
  return fc.oneof({ weight, arbitrary }, fc.jsonValue(), strings(ids), numbers);
}

function fittingValue(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((each) => fittingValue(each, ids)));
  if (schema.allOf) return fittingValue(Object.assign({}, ...schema.allOf), ids);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object": {
      const entries = Object.entries(schema.properties ?? {});
      if (entries.length === 0) return fc.dictionary(strings(ids), fc.jsonValue(), { maxKeys: 4 });
      const properties = Object.fromEntries(entries.map(([name, each]) => [name, nearValue(each, ids)]));
      return fc.record(properties, { requiredKeys: [...(schema.required ?? [])] });
    }
    case "array":
      if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map((each) => nearValue(each, ids)));
      return fc.array(nearValue(schema.items ?? {}, ids), { maxLength: 3 });
    case "string":
      return strings(ids);
    case "integer":
    case "number":
      return numbers;
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}
