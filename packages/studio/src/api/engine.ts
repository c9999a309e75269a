/** The data engine's routes, with the studio's errors. */

import {
  createEngineClient,
  EngineApiError,
  type EngineClient,
  type EngineRouteName,
  type EngineRoutes,
  type RouteAnswer,
  type RouteInput,
} from "@segany/server/contract";
import { isAbort, StudioError } from "../errors.js";
import { unreachable } from "./request.js";

export type { EngineClient };

type Answer<Name extends EngineRouteName> = RouteAnswer<EngineRoutes[Name]>;

export type EngineProject = Answer<"getProject">;
export type EngineTask = Answer<"getTask">;
export type EngineJob = Answer<"getJob">;
export type EngineJobCount = Answer<"countJobs">[number];
export type EngineImageCount = Answer<"countJobImages">["items"][number];
export type EngineWork = Answer<"getWorkItem">;
export type EngineAnnotation = Answer<"listAnnotations">[number];
export type EngineIssue = Answer<"listIssues">[number];
export type EngineLock = Answer<"takeLock">;
export type EngineMember = Answer<"listMembers">[number];
export type EngineSession = Answer<"getSession">;
export type EngineStatisticsTable = Answer<"getStatisticsTable">;
export type EngineQueueHealth = Answer<"getQueueHealth">;
export type EngineModelVersion = Answer<"getModelVersion">;
export type EngineStageRun = Answer<"listStageRuns">[number];
export type EngineStageAudit = Answer<"beginStageAudit">;
export type EngineWorkItem = Answer<"getWorkItem">;
export type EngineChange = RouteInput<EngineRoutes["saveAnnotations"], "body">["changes"][number];
/** How a mask came to be. */
export type EngineProvenance = Extract<EngineChange, { kind: "put" }>["provenance"];
export type MaskStep = NonNullable<EngineProvenance["steps"]>[number];
export type EngineChangeResult = Answer<"saveAnnotations">[number];

/**
 * Calls fail with `StudioError`: the server's codes, `server-unreachable`, `answer-invalid`.
 *
 * @param baseUrl address of the page
 */
export function createEngineApi(baseUrl: string): EngineClient {
  const client = createEngineClient(baseUrl, { fetch: fetchOrFail });
  const calls = Object.entries(client).map(([name, call]) => [
    name,
    (...request: []) =>
      (call as () => Promise<unknown>)(...request).catch((error: unknown) => {
        throw toStudioError(error);
      }),
  ]);
  return Object.fromEntries(calls) as EngineClient;
}

const fetchOrFail: typeof fetch = (input, init) =>
  fetch(input, init).catch((cause: Error) => {
    throw isAbort(cause) ? cause : unreachable(cause);
  });

function toStudioError(error: unknown): unknown {
  if (error instanceof StudioError || isAbort(error)) return error;
  if (error instanceof EngineApiError) return new StudioError(error.code, error.message);
  const { name, message } = error as Error;
  // Something before our server answered, such as a proxy whose server is gone.
  if (name !== "ZodError") return new StudioError("overloaded", message, { cause: error });
  return new StudioError(
    "answer-invalid",
    "The server's answer is not what this page knows: one of them is of another version. Reload the page.",
    { cause: error },
  );
}
