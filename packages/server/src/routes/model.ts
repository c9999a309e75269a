import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ModelDescription } from "../contract/model.js";
import { paths } from "../contract/paths.js";
import type { Services } from "../services.js";

/** Adds the routes for the model's description and the decoder's weights. */
export function addModelRoutes(app: FastifyInstance, { pool }: Services): void {
  const { model, decoderWeights } = pool;
  const bytes = Buffer.from(decoderWeights.buffer, decoderWeights.byteOffset, decoderWeights.byteLength);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const etag = `"${sha256}"`;
  const description: ModelDescription = {
    name: model.name,
    checkpointSha256: model.checkpointSha256,
    precision: model.precision,
    imageSize: model.imageSide,
    fit: model.fit,
    maskSide: model.maskSide,
    tokenWidth: model.tokenWidth,
    ...(model.everythingThresholds && { everythingThresholds: model.everythingThresholds }),
    decoder: { url: paths.modelDecoder(), sha256, bytes: bytes.length },
  };

  app.get("/v1/model", async () => description);

  app.get("/v1/model/decoder", async (request, reply) => {
    void reply.headers({ etag, "cache-control": "private, no-cache" });
    if (request.headers["if-none-match"] === etag) return reply.status(304).send();
    const body = Readable.from(slicesOf(bytes), { objectMode: false });
    return reply.type("application/octet-stream").header("content-length", bytes.length).send(body);
  });
}

/** Bytes that are given to a connection at once, so that slow clients have few of them buffered. */
const SLICE_BYTES = 64 * 1024;

function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}
