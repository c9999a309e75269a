import type { stageRoutes } from "../../contract/engine/stages.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";

/** What the model labels by itself, and how good that is. */
export const stageHandlers: EngineHandlers<typeof stageRoutes> = {
  listStageRuns: ({ parts: { stages }, params }) => stages.list(params.project),
  runStage: ({ parts: { stages }, caller, params, body: { stage, ...settings } }) =>
    stages.begin(caller.person.id, params.project, stage, defined(settings)),
  getStageAudit: async ({ parts: { stageAudits }, params }) => ({
    audit: (await stageAudits.last(params.project)) ?? null,
  }),
  beginStageAudit: ({ parts: { stageAudits }, caller, params, body }) =>
    stageAudits.begin(caller.person.id, params.project, defined(body)),
};
