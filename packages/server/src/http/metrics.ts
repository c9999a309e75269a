import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Services } from "../services.js";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of this server in Prometheus format; the event loop's delay is among the defaults. */
export function createMetrics(app: FastifyInstance, { pool, models, images, jobs }: Services): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "segany_request_seconds",
    help: "Time from a request to its response",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const { method, routeOptions } = request;
    requests.observe(
      { method, route: routeOptions.url ?? "none", status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });
  const gauges: Readonly<Record<string, readonly [help: string, value: () => number | Promise<number>]>> = {
    segany_clicks_waiting: ["Prompts waiting for a worker", () => pool.load().clicks],
    segany_work_waiting: ["Images and jobs waiting for a worker", () => pool.load().work],
    segany_workers_busy: ["Busy workers", () => pool.load().running],
    segany_workers: ["Running workers", () => pool.load().workers],
    segany_jobs_open: ["Queued and running jobs", () => jobs.open()],
    segany_images: ["Images in the data folder", () => images.count()],
    segany_embedding_bytes: [
      "Bytes of the server model's embeddings cached on disk",
      () => models.own.embeddings.bytes(),
    ],
  };
  for (const [name, [help, value]] of Object.entries(gauges)) {
    new Gauge({ name, help, registers: [registry], collect: gauge(value) });
  }
  return registry;
}

function gauge(value: () => number | Promise<number>): (this: Gauge) => Promise<void> {
  return async function collect() {
    this.set(await value());
  };
}
