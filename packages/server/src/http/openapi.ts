import { z } from "zod";
import type { Rule } from "../contract/engine/route.js";
import { errorSchema } from "../contract/errors.js";
import type { Content, Operation } from "./operation.js";
import { OPERATIONS } from "./operations.js";

const MEDIA = {
  binary: "application/octet-stream",
  events: "text/event-stream",
  png: "image/png",
  text: "text/plain",
  csv: "text/csv",
  zip: "application/zip",
} as const;

const ETAG = { headers: { ETag: { description: "The version", schema: { type: "string" } } } } as const;

const VERSIONED = {
  read: {
    parameters: [conditionOn("If-None-Match", "Versions that the client has cached")],
    responses: { 304: { description: "The cached version is current", ...ETAG } },
  },
  write: {
    parameters: [
      conditionOn("If-Match", "The version to replace; without it any version is replaced"),
      conditionOn("If-None-Match", "*: only create, replace nothing"),
    ],
    responses: {
      412: {
        description: "The current version is another one, see its ETag, or there is none",
        ...ETAG,
        content: json(errorSchema),
      },
    },
  },
  change: {
    parameters: [conditionOn("If-Match", "The version that is changed; required", true)],
    responses: {
      412: { description: "The current version is another one", content: json(errorSchema) },
      428: { description: "If-Match is missing", content: json(errorSchema) },
    },
  },
} as const;

/** Describes the API in OpenAPI 3.1, from the schemas that the server validates with. */
export function describeApi(): object {
  const pathsOf: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    pathsOf[path] = { ...pathsOf[path], [operation.method]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Segany",
      version: "1",
      description: "Segment Anything over HTTP. Coordinates are pixels of the upright image.",
    },
    paths: pathsOf,
  };
}

function describe(operation: Operation): object {
  const { path, summary, rule, query = [], body, status, answer, nothingWhen, versioned } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = query.map((name) => ({ name, in: "query", required: false, schema: { type: "string" } }));
  return {
    summary,
    parameters: [...inPath, ...inQuery, ...(versioned ? VERSIONED[versioned].parameters : [])],
    ...(typeof rule === "object" && { description: describeRule(rule) }),
    ...(body && { requestBody: { required: true, content: bodyContent(body) } }),
    responses: {
      [status]: { description: summary, ...(versioned && ETAG), ...contentOf(answer) },
      ...(versioned && VERSIONED[versioned].responses),
      ...(nothingWhen && { 204: { description: nothingWhen } }),
      default: { description: "An error", content: json(errorSchema) },
    },
  };
}

function describeRule(rule: Rule): string {
  switch (rule.who) {
    case "anyone":
      return "Anyone may call it.";
    case "signed-in":
      return "Every signed-in person may call it.";
    case "administrator":
      return "Administrators may call it.";
    case "member":
      return `People with the role ${rule.role} or a higher one in the ${rule.of === "project" ? "" : `${rule.of}'s `}project may call it.`;
    case "participant":
      return `Who works on the job, and people with the role ${rule.or} or a higher one in its project, may call it.`;
  }
}

function bodyContent(body: z.ZodType | "upload"): object {
  if (body !== "upload") return json(body);
  const file = { type: "string", format: "binary" };
  return { "multipart/form-data": { schema: { type: "object", required: ["file"], properties: { file } } } };
}

function contentOf(answer: Content): { content?: object } {
  if (answer === "none") return {};
  if (typeof answer !== "string") return { content: json(answer) };
  return { content: { [MEDIA[answer]]: { schema: { type: "string" } } } };
}

function conditionOn(name: string, description: string, required = false): object {
  return { name, in: "header", required, description, schema: { type: "string" } };
}

function json(schema: z.ZodType): object {
  return { "application/json": { schema: z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) } };
}
