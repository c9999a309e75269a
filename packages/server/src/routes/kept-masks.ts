import type { FastifyInstance } from "fastify";
import { ServerError } from "../errors.js";
import type { JsonReader } from "../http/json-body.js";
import { entityTag, isFresh, readPreconditions } from "../http/preconditions.js";
import type { Services } from "../services.js";
import { createTurns } from "../turns.js";
import { imageIdOf } from "./images.js";
import { checkKeptMasks } from "./read-kept-masks.js";
import { refuseRepeatedNames } from "./repeated-names.js";

const KEEP = { config: { json: { code: "mask-invalid", maxValues: 1_000_000, isLeftRaw: true } } } as const;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Adds the routes for the masks stored for an image, with versions so that clients don't overwrite each
 * other's work.
 */
export function addKeptMaskRoutes(
  app: FastifyInstance,
  { images, keptMasks }: Services,
  readJson: JsonReader,
): void {
  const inTurn = createTurns();

  app.get("/v1/images/:id/masks", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const document = await keptMasks.open(id);
    if (!document) return reply.status(204).send();
    const { version, bytes, content } = document;
    void reply.headers({ etag: entityTag(version), "cache-control": "private, no-cache" });
    if (isFresh(request.headers, version)) {
      content.destroy();
      return reply.status(304).send();
    }
    return reply.type("application/json").header("content-length", bytes).send(content);
  });

  app.put("/v1/images/:id/masks", KEEP, async (request, reply) => {
    const image = await images.get(imageIdOf(request));
    const mayReplace = readPreconditions(request.headers);
    const bytes = withoutByteOrderMark((request.body as Buffer | undefined) ?? Buffer.alloc(0));
    // One document at a time for all clients: each may need a hundred megabytes.
    await inTurn("kept masks", async () => {
      const masks = readJson(request, bytes);
      refuseRepeatedNames(bytes, masks);
      await checkKeptMasks(masks, image);
    });
    // The original bytes, so that a client reads what it sent.
    const { isWritten, version } = await keptMasks.put(image.id, bytes, mayReplace);
    if (version !== undefined) void reply.header("etag", entityTag(version));
    if (!isWritten) throw changed(version);
    return reply.status(204).send();
  });
}

/** Removes a byte order mark: some editors write one, and JSON parsers may reject it. */
function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
}

function changed(version: string | undefined): ServerError {
  const now = version === undefined ? "none are stored" : `their ETag is ${entityTag(version)}`;
  return new ServerError(
    "precondition-failed",
    `The image's masks are not the version that the request replaces: ${now}. Get them, merge, and retry.`,
  );
}
