import type { FastifyInstance } from "fastify";
import type { Readiness } from "../contract/model.js";
import { createMetrics } from "../http/metrics.js";
import { describeApi } from "../http/openapi.js";
import type { Services } from "../services.js";

/** Adds the routes for operators: probes, metrics and OpenAPI. */
export function addOperationRoutes(app: FastifyInstance, services: Services): void {
  const metrics = createMetrics(app, services);
  const openapi = describeApi();

  app.get("/health", async () => ({ status: "ok" }));

  app.get("/ready", async (_request, reply) => {
    const status = readiness(services);
    return reply.status(status === "ready" ? 200 : 503).send({ status });
  });

  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );

  app.get("/openapi.json", async () => openapi);
}

function readiness({ stopping, pool }: Services): Readiness["status"] {
  if (stopping.aborted) return "stopping";
  return pool.load().workers > 0 ? "ready" : "starting";
}
