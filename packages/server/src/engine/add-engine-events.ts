import type { FastifyInstance } from "fastify";
import type { CurrentVersionAnswer } from "../contract/model.js";
import type { EventStreams } from "../http/event-streams.js";
import { MODEL_EVENTS } from "../http/operations.js";
import { checkOrigin } from "../http/security.js";
import type { Services } from "../services.js";
import { checkIds } from "./add-engine-routes.js";
import { checkRule } from "./check-rule.js";
import type { Identify } from "./identify.js";

/** Adds the stream that tells pages which version of its model a project uses. */
export function addEngineEvents(
  app: FastifyInstance,
  { engine, models }: Services,
  identify: Identify,
  streams: EventStreams,
): void {
  app.get<{ Params: { project: string } }>(MODEL_EVENTS.path, async (request, reply) => {
    checkOrigin(request);
    const { project } = checkIds({ ...request.params });
    const parts = await engine.open();
    await checkRule(MODEL_EVENTS.rule, await identify.callerOf(request, parts), { project: project! }, parts);
    const stream = streams.open(request, reply);
    const stop = models.watch(project!, (version) => {
      stream.send("version", { version: version ?? null } satisfies CurrentVersionAnswer);
    });
    stream.onClose(stop);
  });
}
