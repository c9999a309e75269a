import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ModelDescription } from "../contract/model.js";
import { paths } from "../contract/paths.js";
import type { ModelParts } from "../models/model-parts.js";
import type { Services } from "../services.js";
import { servedModelOf } from "./served-model.js";

/** Adds the routes for a model's description and the decoder's weights. */
export function addModelRoutes(app: FastifyInstance, { models }: Services): void {
  app.get("/v1/model", async (request) => {
    const { parts } = await servedModelOf(request, models);
    const { version } = request.query as { version?: string };
    return describe(await parts(), version);
  });

  app.get("/v1/model/decoder", async (request, reply) => {
    const { decoderWeights, decoderSha256 } = await (await servedModelOf(request, models)).parts();
    const etag = `"${decoderSha256}"`;
    void reply.headers({ etag, "cache-control": "private, no-cache" });
    if (request.headers["if-none-match"] === etag) return reply.status(304).send();
    const bytes = toBuffer(decoderWeights);
    const body = Readable.from(slicesOf(bytes), { objectMode: false });
    return reply.type("application/octet-stream").header("content-length", bytes.length).send(body);
  });
}

function describe(
  { model, decoderWeights, decoderSha256 }: ModelParts,
  version: string | undefined,
): ModelDescription {
  return {
    name: model.name,
    checkpointSha256: model.checkpointSha256,
    precision: model.precision,
    imageSize: model.imageSide,
    fit: model.fit,
    maskSide: model.maskSide,
    tokenWidth: model.tokenWidth,
    ...(model.everythingThresholds && { everythingThresholds: model.everythingThresholds }),
    decoder: {
      url: paths.modelDecoder(version),
      sha256: decoderSha256,
      bytes: decoderWeights.byteLength,
    },
  };
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Bytes that are given to a connection at once, so that slow clients have few of them buffered. */
const SLICE_BYTES = 64 * 1024;

function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}
