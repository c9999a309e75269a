import type { EngineRoute } from "../contract/engine/route.js";
import { ENGINE_ROUTES } from "../contract/engine/routes.js";
import { MODEL_OPERATIONS } from "./model-operations.js";
import type { Operation } from "./operation.js";

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
