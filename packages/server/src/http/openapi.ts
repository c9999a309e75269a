import { z } from "zod";
import { classListSchema } from "../contract/classes.js";
import type { EngineRoute, Rule } from "../contract/engine/route.js";
import { ENGINE_ROUTES } from "../contract/engine/routes.js";
import { errorSchema } from "../contract/errors.js";
import { imageInfoSchema, imageListSchema } from "../contract/images.js";
import { jobSchema, segmentRequestSchema } from "../contract/jobs.js";
import { cutOutRequestSchema, keptMasksSchema, maskListSchema } from "../contract/masks.js";
import { healthSchema, modelInfoSchema, readinessSchema } from "../contract/model.js";
import { predictRequestSchema, predictResponseSchema } from "../contract/predict.js";

type Content = z.ZodType | "binary" | "events" | "png" | "text" | "csv" | "zip" | "none";

/**
 * Who may call a route once people have accounts. `image`: who may see the image of the path's id; `job`: who
 * may see that job's image. A route of the data engine has its own rule.
 */
export type OperationRule = "anyone" | "signed-in" | "administrator" | "image" | "job" | Rule;

interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** In Fastify's syntax. */
  readonly path: string;
  readonly rule: OperationRule;
  readonly summary: string;
  readonly query?: readonly string[];
  readonly body?: z.ZodType | "upload";
  readonly status: number;
  readonly answer: Content;
  /** When the response is 204 without a body instead. */
  readonly nothingWhen?: string;
  /** Whether it reads or writes a versioned resource, with an `ETag` and conditional requests. */
  readonly versioned?: keyof typeof VERSIONED;
}

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

const SELECTION = [
  "predIouThresh",
  "stabilityScoreThresh",
  "boxNmsThresh",
  "cropNmsThresh",
  "minMaskRegionArea",
] as const;

/** What Label Studio asks of a model, in its own words. */
const labelStudioOperation = (name: string, summary: string): Operation => ({
  method: "post",
  path: `/label-studio/${name}`,
  rule: "signed-in",
  summary,
  body: z.looseObject({}),
  status: 200,
  answer: z.looseObject({}),
});

const LABEL_STUDIO_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/label-studio/health", rule: "signed-in", status: 200 },
    summary: "Label Studio: whether the model is there",
    answer: z.looseObject({ status: z.string() }),
  },
  labelStudioOperation("setup", "Label Studio: the model's version"),
  labelStudioOperation("predict", "Label Studio: a mask for smart key points and rectangles"),
  { ...labelStudioOperation("webhook", "Label Studio: events, which change nothing"), status: 201 },
];

const MODEL_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/images",
    rule: "signed-in",
    summary: "Upload an image",
    body: "upload",
    status: 201,
    answer: imageInfoSchema,
  },
  {
    method: "get",
    path: "/v1/images",
    rule: "signed-in",
    summary: "List images, newest first",
    query: ["id"],
    status: 200,
    answer: imageListSchema,
  },
  {
    method: "get",
    path: "/v1/images/:id",
    rule: "image",
    summary: "Get an image",
    query: ["version"],
    status: 200,
    answer: imageInfoSchema,
  },
  {
    method: "delete",
    path: "/v1/images/:id",
    rule: "image",
    summary: "Delete an image with its masks and embedding",
    status: 204,
    answer: "none",
  },
  {
    method: "get",
    path: "/v1/images/:id/preview",
    rule: "image",
    summary: "The image's pixels, rotated upright",
    query: ["maxSide"],
    status: 200,
    answer: "binary",
  },
  {
    method: "get",
    path: "/v1/images/:id/events",
    rule: "image",
    summary: "Events about the state of the embedding",
    query: ["version"],
    status: 200,
    answer: "events",
  },
  {
    method: "get",
    path: "/v1/images/:id/embedding",
    rule: "image",
    summary: "The values of the embedding; shapes are in the headers",
    query: ["dtype", "version"],
    status: 200,
    answer: "binary",
  },
  {
    method: "post",
    path: "/v1/images/:id/predict",
    rule: "image",
    summary: "Predict masks for points, a box or a mask prompt",
    query: ["version"],
    body: predictRequestSchema,
    status: 200,
    answer: predictResponseSchema,
  },
  {
    method: "post",
    path: "/v1/images/:id/segment",
    rule: "image",
    summary: "Start everything mode as a job",
    query: ["version"],
    body: segmentRequestSchema,
    status: 202,
    answer: jobSchema,
  },
  {
    method: "get",
    path: "/v1/images/:id/masks",
    rule: "image",
    summary: "The masks stored for the image",
    status: 200,
    answer: keptMasksSchema,
    nothingWhen: "No masks are stored yet",
    versioned: "read",
  },
  {
    method: "put",
    path: "/v1/images/:id/masks",
    rule: "image",
    summary: "Store masks for the image, replacing a given version or any",
    body: keptMasksSchema,
    status: 204,
    answer: "none",
    versioned: "write",
  },
  {
    method: "get",
    path: "/v1/classes",
    rule: "signed-in",
    summary: "The classes that masks of all images can have",
    status: 200,
    answer: classListSchema,
    nothingWhen: "No list is stored yet",
    versioned: "read",
  },
  {
    method: "put",
    path: "/v1/classes",
    rule: "signed-in",
    summary: "Store the list of classes, replacing a given version or any",
    body: classListSchema,
    status: 204,
    answer: "none",
    versioned: "write",
  },
  {
    method: "post",
    path: "/v1/images/:id/cut-outs",
    rule: "image",
    summary: "Cut an object out of the image",
    body: cutOutRequestSchema,
    status: 200,
    answer: "png",
  },
  { method: "get", path: "/v1/jobs/:id", rule: "job", summary: "Get a job", status: 200, answer: jobSchema },
  {
    method: "delete",
    path: "/v1/jobs/:id",
    rule: "job",
    summary: "Cancel a job",
    status: 200,
    answer: jobSchema,
  },
  {
    method: "get",
    path: "/v1/jobs/:id/events",
    rule: "job",
    summary: "Events of a job",
    status: 200,
    answer: "events",
  },
  {
    method: "get",
    path: "/v1/jobs/:id/masks",
    rule: "job",
    summary: "The masks of a job, selected again if thresholds are given",
    query: SELECTION,
    status: 200,
    answer: maskListSchema,
  },
  {
    method: "get",
    path: "/v1/model",
    rule: "signed-in",
    summary: "The server's model, or a version of a project's model",
    query: ["version"],
    status: 200,
    answer: modelInfoSchema,
  },
  {
    method: "get",
    path: "/v1/model/decoder",
    rule: "signed-in",
    summary: "Weights for decoding in a page, as .safetensors",
    query: ["version"],
    status: 200,
    answer: "binary",
  },
  {
    method: "get",
    path: "/health",
    rule: "anyone",
    summary: "Liveness probe",
    status: 200,
    answer: healthSchema,
  },
  {
    method: "get",
    path: "/ready",
    rule: "anyone",
    summary: "Readiness probe",
    status: 200,
    answer: readinessSchema,
  },
  ...LABEL_STUDIO_OPERATIONS,
  {
    method: "get",
    path: "/metrics",
    rule: "administrator",
    summary: "Metrics for Prometheus",
    status: 200,
    answer: "text",
  },
  {
    method: "get",
    path: "/openapi.json",
    rule: "anyone",
    summary: "This OpenAPI document",
    status: 200,
    answer: z.looseObject({}),
  },
];

/** A stream is none of the data engine's table, whose routes have one answer. */
export const MODEL_EVENTS = {
  method: "get",
  path: "/v1/engine/projects/:project/model/events",
  rule: { who: "member", role: "worker", of: "project" },
  summary: "Events: the version of its model that a project uses, and each that takes its place",
  status: 200,
  answer: "events",
} as const satisfies Operation;

/** Every route of the API. A test compares it with the routes of the server. */
export const OPERATIONS: readonly Operation[] = [
  ...MODEL_OPERATIONS,
  MODEL_EVENTS,
  ...Object.values<EngineRoute>(ENGINE_ROUTES).map(toOperation),
];

function toOperation({ method, url, query, answer, status, versioned, ...route }: EngineRoute): Operation {
  return {
    method: method.toLowerCase() as Operation["method"],
    path: url,
    ...{ summary: route.summary, rule: route.rule },
    ...(query && { query: Object.keys(query.shape) }),
    ...(route.body && { body: route.body }),
    ...(route.upload && { body: "upload" }),
    status: status ?? (answer || route.download ? 200 : 204),
    answer: route.csv !== undefined ? "csv" : route.download ? "zip" : (answer ?? "none"),
    ...(versioned && { versioned: versioned === "read" ? "read" : "change" }),
  };
}

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
