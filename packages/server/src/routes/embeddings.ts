import type { FastifyInstance } from "fastify";
import { writeFeatureShapes } from "../contract/feature-shapes.js";
import { EMBEDDING_HEADERS, type EmbeddingStatus, embeddingQuerySchema } from "../contract/images.js";
import { clientOf } from "../http/client-quota.js";
import type { EventStreams } from "../http/event-streams.js";
import { readInput } from "../http/read-input.js";
import type { Services } from "../services.js";
import { imageIdOf } from "./images.js";
import { modelOfVersion, servedModelOf } from "./served-model.js";

/** Interval of status events during encoding. */
const EVERY_MS = 250;

/** Adds the routes for an embedding's values and status events. */
export function addEmbeddingRoutes(
  app: FastifyInstance,
  { images, models }: Services,
  streams: EventStreams,
): void {
  app.get("/v1/images/:id/embedding", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const { dtype, version } = readInput(embeddingQuerySchema, request.query, "The query");
    const { embeddings, parts } = await modelOfVersion(request, models, version);
    const { name, checkpointSha256, precision } = (await parts()).model;
    const etag = `"${id.slice(0, 32)}-${checkpointSha256.slice(0, 16)}-${precision}-${dtype}"`;
    if (request.headers["if-none-match"] === etag) return reply.status(304).header("etag", etag).send();
    const wish = { client: clientOf(request.ip) };
    const { features, count, metadata, values } = await embeddings.openValues(id, wish, dtype);
    void reply.headers({
      etag,
      "cache-control": "private, no-cache",
      [EMBEDDING_HEADERS.features]: writeFeatureShapes(features),
      [EMBEDDING_HEADERS.dtype]: dtype,
      [EMBEDDING_HEADERS.imageSize]: `${metadata.image_width}x${metadata.image_height}`,
      [EMBEDDING_HEADERS.inputSize]: `${metadata.input_width}x${metadata.input_height}`,
      [EMBEDDING_HEADERS.modelName]: name,
      [EMBEDDING_HEADERS.checkpointSha256]: checkpointSha256,
      [EMBEDDING_HEADERS.precision]: precision,
      "content-length": count * (dtype === "float16" ? 2 : 4),
    });
    return reply.type("application/octet-stream").send(values);
  });

  app.get("/v1/images/:id/events", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const { embeddings } = await servedModelOf(request, models);
    const stream = streams.open(request, reply);
    const tell = (status: EmbeddingStatus) => {
      stream.send("embedding", status);
      if (status.state === "ready" || status.state === "failed") stream.end();
    };
    const clock = setInterval(() => {
      const status = embeddings.status(id);
      if (status.state === "encoding") tell(status);
    }, EVERY_MS);
    const stop = embeddings.watch(id, tell);
    stream.onClose(() => {
      clearInterval(clock);
      stop();
    });
    const status = embeddings.status(id);
    if (status.state === "ready") return tell(status);
    if (status.state === "queued") tell(status); // the current state, for clients that connect later
    const ready = embeddings.use(id, { client: clientOf(request.ip) }, async () => undefined);
    // Where another process has encoded the image, nothing has changed on this server.
    ready.then(
      () => tell(embeddings.status(id)),
      () => undefined, // reported as `failed`
    );
  });
}
