import type { modelRoutes } from "../../contract/engine/models.js";
import type { VersionWatch } from "../../models/version-watch.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";

/** Versions of a project's model. @param readBlob reads files of their training, by key */
export function createModelHandlers(
  readBlob: (key: string) => Promise<Uint8Array | undefined>,
  served: Pick<VersionWatch, "current">,
): EngineHandlers<typeof modelRoutes> {
  return {
    getCurrentModel: async ({ params }) => ({ version: (await served.current(params.project)) ?? null }),
    listModelVersions: ({ parts: { models }, params }) => models.list(params.project),
    retrainModel: ({ parts: { models }, caller, params, body: { training, force } }) =>
      models.retrain(caller.person.id, params.project, defined({ training: defined(training), force })),
    getModelVersion: ({ parts: { models }, params }) => models.get(params.model),
    async getTrainingCurves({ parts: { models }, params }) {
      const { checkpoint } = await models.get(params.model);
      const file = checkpoint === null ? undefined : await readBlob(`models/${checkpoint}/metrics.jsonl`);
      const lines = file ? new TextDecoder().decode(file).trim().split("\n") : [];
      return lines.map((line) => JSON.parse(line) as Record<string, number | null>);
    },
    async useModelVersion({ parts: { models }, caller, params, body }) {
      const { project, number } = await models.get(params.model);
      return models.use(caller.person.id, project, number, body.reason);
    },
  };
}
