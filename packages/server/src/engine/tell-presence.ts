import type { FastifyInstance } from "fastify";
import { ENGINE_HEADER } from "../contract/version.js";
import type { Engine } from "../database/open-engine.js";

/** Tells the studio's page whether there is a data engine: to ask the engine itself would create it. */
export function tellPresence(app: FastifyInstance, engine: Engine): void {
  app.addHook("onRequest", async (request, reply) => {
    const isPage = request.method === "HEAD" && request.url === "/";
    if (isPage && (await engine.ifPresent())) void reply.header(ENGINE_HEADER, "present");
  });
}
