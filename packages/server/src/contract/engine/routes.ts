import { annotationRoutes } from "./annotations.js";
import { jobRoutes } from "./jobs.js";
import { statisticsRoutes, workItemRoutes } from "./machine.js";
import { modelRoutes } from "./models.js";
import { accountRoutes, memberRoutes } from "./people.js";
import { projectRoutes, taskRoutes } from "./projects.js";
import type { EngineRoute } from "./route.js";
import { stageRoutes } from "./stages.js";
import { transferRoutes } from "./transfers.js";
import { webhookRoutes } from "./webhooks.js";

/**
 * Every route of the data engine with who may call it. The server adds no other; the description in OpenAPI,
 * the client, and the test that tries each route as everyone who may not call it come from this table.
 */
export const ENGINE_ROUTES = {
  ...accountRoutes,
  ...memberRoutes,
  ...projectRoutes,
  ...taskRoutes,
  ...jobRoutes,
  ...annotationRoutes,
  ...modelRoutes,
  ...stageRoutes,
  ...webhookRoutes,
  ...statisticsRoutes,
  ...workItemRoutes,
  ...transferRoutes,
} as const satisfies Record<string, EngineRoute>;

export type EngineRoutes = typeof ENGINE_ROUTES;

export type EngineRouteName = keyof EngineRoutes;
