import {
  type Context,
  createSegmentWork,
  EMBED_TASK,
  EXPORT,
  IMPORT,
  SEGMENT,
  type WorkHandler,
  type WorkHandlers,
} from "@segany/data-engine";
import type { EngineParts } from "../database/open-engine.js";
import { createEmbedTask } from "./embed-task.js";
import { createExportWork } from "./export-set.js";
import { createFindMasks } from "./find-masks.js";
import { createImportSet } from "./import-set.js";
import { removeLeftovers } from "./work-folder.js";
import type { WorkServices } from "./work-services.js";

/** What servers and workers do of the data engine's work, by kind: with the model, and with files alone. */
export function workHandlers(
  parts: Pick<EngineParts, "tasks" | "workQueue">,
  context: Context,
  services: WorkServices,
): { readonly model: WorkHandlers; readonly files: WorkHandlers } {
  const { blobs, directory, limits, models } = services;
  const embeddingsOf = async (project: string) => (await models.ofProject(project)).embeddings;
  const tidy =
    (handler: WorkHandler): WorkHandler =>
    async (item, run) => {
      await removeLeftovers(parts.workQueue, blobs, directory);
      return handler(item, run);
    };
  return {
    model: {
      [EMBED_TASK]: createEmbedTask(parts, embeddingsOf, limits.maxEmbeddingBytes),
      [SEGMENT]: createSegmentWork(context, createFindMasks(services)),
    },
    files: {
      [EXPORT]: tidy(createExportWork(context, blobs, directory)),
      [IMPORT]: tidy(createImportSet(context, services, directory)),
    },
  };
}
