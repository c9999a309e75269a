import type { FastifyRequest } from "fastify";
import { versionQuerySchema } from "../contract/model.js";
import { readInput } from "../http/read-input.js";
import type { ServedModel, ServedModels } from "../models/served-models.js";

/**
 * The model that a request's query asks for: the server's, or a version of a project's.
 *
 * @throws ServerError `bad-request`, `not-found`; DataEngineError `not-found` also for a version of a project
 *   that the sender is not in
 */
export function servedModelOf(request: FastifyRequest, models: ServedModels): Promise<ServedModel> {
  return modelOfVersion(request, models, readInput(versionQuerySchema, request.query, "The query").version);
}

/** The same for a query that is read already. */
export async function modelOfVersion(
  request: FastifyRequest,
  models: ServedModels,
  version: string | undefined,
): Promise<ServedModel> {
  if (version !== undefined) await request.checkVersion?.(version);
  return models.of(version);
}
