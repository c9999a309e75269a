import type { FastifyInstance, FastifyRequest } from "fastify";
import { jobIdSchema, segmentRequestSchema, selectionQuerySchema } from "../contract/jobs.js";
import { clientOf } from "../http/client-quota.js";
import type { EventStreams } from "../http/event-streams.js";
import { readInput } from "../http/read-input.js";
import { sendFile } from "../http/send-file.js";
import { jobKeys } from "../records/job-record.js";
import type { Services } from "../services.js";
import { imageIdOf } from "./images.js";
import { servedModelOf } from "./served-model.js";

const ENDS: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

const SEGMENT = { config: { json: { code: "option-invalid" } } } as const;

function jobIdOf(request: FastifyRequest): string {
  return readInput(jobIdSchema, (request.params as { id?: string }).id, "The job's id", "not-found");
}

/** Adds the routes for everything mode, as a job with events and cancelling. */
export function addJobRoutes(
  app: FastifyInstance,
  { images, jobs, blobs, models }: Services,
  streams: EventStreams,
): void {
  app.post("/v1/images/:id/segment", SEGMENT, async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const settings = readInput(segmentRequestSchema, request.body ?? {}, "The request", "option-invalid");
    await servedModelOf(request, models);
    const { version } = request.query as { version?: string };
    const job = await jobs.submit(id, settings, { client: clientOf(request.ip), version });
    return reply.status(202).header("location", `/v1/jobs/${job.id}`).send(job);
  });

  app.get("/v1/jobs/:id", async (request) => jobs.get(jobIdOf(request)));

  app.delete("/v1/jobs/:id", async (request) => jobs.cancel(jobIdOf(request)));

  app.get("/v1/jobs/:id/masks", async (request, reply) => {
    const selection = readInput(selectionQuerySchema, request.query, "The query", "option-invalid");
    const { id, state } = await jobs.get(jobIdOf(request));
    const isAsFound = state === "done" && Object.keys(selection).length === 0;
    if (isAsFound && (await sendFile(reply, await blobs.localPath(jobKeys.masks(id)), "application/json")))
      return reply;
    return jobs.masks(id, selection, clientOf(request.ip));
  });

  app.get("/v1/jobs/:id/events", async (request, reply) => {
    const id = jobIdOf(request);
    await jobs.get(id);
    const stream = streams.open(request, reply);
    const watching = jobs.watch(id, ({ event, data }) => {
      stream.send(event, data);
      if (ENDS.has(event)) stream.end();
    });
    stream.onClose(() => void watching.then((stop) => stop()).catch(() => undefined));
    await watching.catch(() => stream.end()); // deleted in the meantime
  });
}
