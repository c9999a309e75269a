import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { type FeatureShapes, writeFeatureShapes } from "../contract/feature-shapes.js";
import { EMBEDDING_HEADERS, type EmbeddingStatus, embeddingQuerySchema } from "../contract/images.js";
import { clientOf } from "../http/client-quota.js";
import type { EventStreams } from "../http/event-streams.js";
import { readInput } from "../http/read-input.js";
import type { Services } from "../services.js";
import { imageIdOf } from "./images.js";

/** Interval of status events during encoding. */
const EVERY_MS = 250;

/** Adds the routes for an embedding's values and status events. */
export function addEmbeddingRoutes(
  app: FastifyInstance,
  { images, embeddings, pool }: Services,
  streams: EventStreams,
): void {
  app.get("/v1/images/:id/embedding", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const { dtype } = readInput(embeddingQuerySchema, request.query, "The query");
    const { name, checkpointSha256, precision } = pool.model;
    const etag = `"${id.slice(0, 32)}-${checkpointSha256.slice(0, 16)}-${precision}-${dtype}"`;
    if (request.headers["if-none-match"] === etag) return reply.status(304).header("etag", etag).send();
    const files = await embeddings.get(id, { client: clientOf(request.ip) });
    const { features, values, metadata, dataStart } = await readHeader(files.float32Path);
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
      "content-length": values * (dtype === "float16" ? 2 : 4),
    });
    const stream =
      dtype === "float16"
        ? createReadStream(files.float16Path)
        : createReadStream(files.float32Path, { start: dataStart });
    return reply.type("application/octet-stream").send(stream);
  });

  app.get("/v1/images/:id/events", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
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
    embeddings.get(id, { client: clientOf(request.ip) }).catch(() => undefined); // reported as `failed`
  });
}

interface EmbeddingHeader {
  readonly features: FeatureShapes;
  /** Number of values in all feature maps. */
  readonly values: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Offset of the values in the file. */
  readonly dataStart: number;
}

/** Reads the header of an embedding's `.safetensors` file: a few hundred bytes. The values are streamed. */
async function readHeader(path: string): Promise<EmbeddingHeader> {
  const file = await open(path, "r");
  try {
    const length = Buffer.alloc(8);
    await file.read(length, 0, 8, 0);
    const header = Buffer.alloc(Number(length.readBigUInt64LE()));
    await file.read(header, 0, header.length, 8);
    const { __metadata__: metadata, ...tensors } = JSON.parse(header.toString("utf8"));
    const maps = Object.entries(
      tensors as Record<string, { shape: number[]; data_offsets: [number, number] }>,
    );
    maps.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
    return {
      features: Object.fromEntries(maps.map(([name, { shape }]) => [name, shape])),
      values: maps.reduce((total, [, { shape }]) => total + shape.reduce((a, b) => a * b, 1), 0),
      metadata,
      dataStart: 8 + header.length,
    };
  } finally {
    await file.close();
  }
}
