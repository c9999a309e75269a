import type { FastifyInstance } from "fastify";
import { classListSchema, type KeptClasses } from "../contract/classes.js";
import { ServerError } from "../errors.js";
import type { JsonReader } from "../http/json-body.js";
import { readPreconditions } from "../http/preconditions.js";
import { readInput } from "../http/read-input.js";
import type { Services } from "../services.js";
import { answerPut, documentBytes, sendDocument } from "./versioned-documents.js";

const KEEP = { config: { json: { maxValues: 200_000, isLeftRaw: true } } } as const;

/** Adds the routes for the list of classes of all images, with a version as masks have it. */
export function addClassRoutes(app: FastifyInstance, { classes }: Services, readJson: JsonReader): void {
  app.get("/v1/classes", async (request, reply) => sendDocument(request, reply, await classes.open()));

  app.put("/v1/classes", KEEP, async (request, reply) => {
    const mayReplace = readPreconditions(request.headers);
    const bytes = documentBytes(request);
    refuseRepeated(readInput(classListSchema, readJson(request, bytes), "The classes", "body-invalid"));
    return answerPut(reply, await classes.put(bytes, mayReplace), "The classes");
  });
}

function refuseRepeated({ classes }: KeptClasses): void {
  const places = new Map<string, number>();
  for (const [place, { id }] of classes.entries()) {
    const key = id.toLowerCase(); // UUIDs ignore case (RFC 9562)
    const before = places.get(key);
    if (before !== undefined)
      throw new ServerError(
        "body-invalid",
        `The classes ${before} and ${place} have the same id, ${id}; give each its own.`,
      );
    places.set(key, place);
  }
}
