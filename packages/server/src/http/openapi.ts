import { z } from "zod";
import { errorSchema } from "../contract/errors.js";
import { imageInfoSchema, imageListSchema } from "../contract/images.js";
import { jobSchema, segmentRequestSchema } from "../contract/jobs.js";
import { cutOutRequestSchema, keptMasksSchema, maskListSchema } from "../contract/masks.js";
import { healthSchema, modelInfoSchema, readinessSchema } from "../contract/model.js";
import { predictRequestSchema, predictResponseSchema } from "../contract/predict.js";

type Content = z.ZodType | "binary" | "events" | "png" | "text" | "none";

interface Operation {
  readonly method: "get" | "post" | "put" | "delete";
  /** In Fastify's syntax. */
  readonly path: string;
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
} as const;

const SELECTION = [
  "predIouThresh",
  "stabilityScoreThresh",
  "boxNmsThresh",
  "cropNmsThresh",
  "minMaskRegionArea",
] as const;

/** Every route of the API. A test compares it with the routes of the server. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/images",
    summary: "Upload an image",
    body: "upload",
    status: 201,
    answer: imageInfoSchema,
  },
  {
    method: "get",
    path: "/v1/images",
    summary: "List images, newest first",
    query: ["id"],
    status: 200,
    answer: imageListSchema,
  },
  { method: "get", path: "/v1/images/:id", summary: "Get an image", status: 200, answer: imageInfoSchema },
  {
    method: "delete",
    path: "/v1/images/:id",
    summary: "Delete an image with its masks and embedding",
    status: 204,
    answer: "none",
  },
  {
    method: "get",
    path: "/v1/images/:id/preview",
    summary: "The image's pixels, rotated upright",
    query: ["maxSide"],
    status: 200,
    answer: "binary",
  },
  {
    method: "get",
    path: "/v1/images/:id/events",
    summary: "Events about the state of the embedding",
    status: 200,
    answer: "events",
  },
  {
    method: "get",
    path: "/v1/images/:id/embedding",
    summary: "The values of the embedding; shapes are in the headers",
    query: ["dtype"],
    status: 200,
    answer: "binary",
  },
  {
    method: "post",
    path: "/v1/images/:id/predict",
    summary: "Predict masks for points, a box or a mask prompt",
    body: predictRequestSchema,
    status: 200,
    answer: predictResponseSchema,
  },
  {
    method: "post",
    path: "/v1/images/:id/segment",
    summary: "Start everything mode as a job",
    body: segmentRequestSchema,
    status: 202,
    answer: jobSchema,
  },
  {
    method: "get",
    path: "/v1/images/:id/masks",
    summary: "The masks stored for the image",
    status: 200,
    answer: keptMasksSchema,
    nothingWhen: "No masks are stored yet",
    versioned: "read",
  },
  {
    method: "put",
    path: "/v1/images/:id/masks",
    summary: "Store masks for the image, replacing a given version or any",
    body: keptMasksSchema,
    status: 204,
    answer: "none",
    versioned: "write",
  },
  {
    method: "post",
    path: "/v1/images/:id/cut-outs",
    summary: "Cut an object out of the image",
    body: cutOutRequestSchema,
    status: 200,
    answer: "png",
  },
  { method: "get", path: "/v1/jobs/:id", summary: "Get a job", status: 200, answer: jobSchema },
  { method: "delete", path: "/v1/jobs/:id", summary: "Cancel a job", status: 200, answer: jobSchema },
  {
    method: "get",
    path: "/v1/jobs/:id/events",
    summary: "Events of a job",
    status: 200,
    answer: "events",
  },
  {
    method: "get",
    path: "/v1/jobs/:id/masks",
    summary: "The masks of a job, selected again if thresholds are given",
    query: SELECTION,
    status: 200,
    answer: maskListSchema,
  },
  {
    method: "get",
    path: "/v1/model",
    summary: "The model of the server",
    status: 200,
    answer: modelInfoSchema,
  },
  {
    method: "get",
    path: "/v1/model/decoder",
    summary: "Weights for decoding in a page, as .safetensors",
    status: 200,
    answer: "binary",
  },
  { method: "get", path: "/health", summary: "Liveness probe", status: 200, answer: healthSchema },
  { method: "get", path: "/ready", summary: "Readiness probe", status: 200, answer: readinessSchema },
  { method: "get", path: "/metrics", summary: "Metrics for Prometheus", status: 200, answer: "text" },
  {
    method: "get",
    path: "/openapi.json",
    summary: "This OpenAPI document",
    status: 200,
    answer: z.looseObject({}),
  },
];

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
  const { path, summary, query = [], body, status, answer, nothingWhen, versioned } = operation;
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
    ...(body && { requestBody: { required: true, content: bodyContent(body) } }),
    responses: {
      [status]: { description: summary, ...(versioned && ETAG), ...contentOf(answer) },
      ...(versioned && VERSIONED[versioned].responses),
      ...(nothingWhen && { 204: { description: nothingWhen } }),
      default: { description: "An error", content: json(errorSchema) },
    },
  };
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

function conditionOn(name: string, description: string): object {
  return { name, in: "header", required: false, description, schema: { type: "string" } };
}

function json(schema: z.ZodType): object {
  return { "application/json": { schema: z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) } };
}
