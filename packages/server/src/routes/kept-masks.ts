import type { FastifyInstance } from "fastify";
import type { JsonReader } from "../http/json-body.js";
import { readPreconditions } from "../http/preconditions.js";
import type { Services } from "../services.js";
import { createTurns } from "../turns.js";
import { imageIdOf } from "./images.js";
import { checkKeptMasks } from "./read-kept-masks.js";
import { refuseRepeatedNames } from "./repeated-names.js";
import { answerPut, documentBytes, sendDocument } from "./versioned-documents.js";

const KEEP = { config: { json: { code: "mask-invalid", maxValues: 1_000_000, isLeftRaw: true } } } as const;

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
    return sendDocument(request, reply, await keptMasks.open(id));
  });

  app.put("/v1/images/:id/masks", KEEP, async (request, reply) => {
    const image = await images.get(imageIdOf(request));
    const mayReplace = readPreconditions(request.headers);
    const bytes = documentBytes(request);
    // One document at a time for all clients: each may need a hundred megabytes.
    await inTurn("kept masks", async () => {
      const masks = readJson(request, bytes);
      refuseRepeatedNames(bytes, masks);
      await checkKeptMasks(masks, image);
    });
    // The original bytes, so that a client reads what it sent.
    return answerPut(reply, await keptMasks.put(image.id, bytes, mayReplace), "The image's masks");
  });
}
