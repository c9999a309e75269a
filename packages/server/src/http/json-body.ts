import { maxJsonDepth, measureJson } from "@segany/dataset/formats";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What is asked of a JSON body of the route. */
    readonly json?: JsonLimits;
  }
}

/** What a JSON body may be, before anyone looks at what it says. */
export interface JsonLimits {
  /** The most values that it may hold: those in all lists and objects, and these themselves. */
  readonly maxValues?: number;
  /** What it is refused with. */
  readonly code?: ApiErrorCode;
  /** Leaves it as bytes; the route reads them with the `JsonReader` when it is ready for what that takes. */
  readonly isLeftRaw?: boolean;
}

/** Reads the bytes of a JSON body. @throws ServerError `bad-request`, the route's code */
export type JsonReader = (request: FastifyRequest, bytes: Buffer) => unknown;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The one door for JSON. A body is measured before anything is built of it: a few bytes may become a hundred times as
 * much in memory, and what is nested deep ends whatever walks it.
 */
export function addJsonBodies(app: FastifyInstance): JsonReader {
  const parse = app.getDefaultJsonParser("error", "error");
  const read: JsonReader = (request, bytes) => {
    check(bytes, request.routeOptions.config.json);
    let parsed: unknown;
    parse(request, textOf(bytes), (error, value) => {
      if (error) throw error;
      parsed = value;
    });
    return parsed;
  };
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) =>
      request.routeOptions.config.json?.isLeftRaw ? bytes : read(request, bytes),
  );
  return read;
}

function check(bytes: Buffer, { maxValues = 1000, code = "body-invalid" }: JsonLimits = {}): void {
  const { depth, values, isBalanced } = measureJson(bytes);
  if (!isBalanced) throw new ServerError("bad-request", "The body is not JSON: its brackets don't match.");
  if (depth > maxJsonDepth) {
    throw new ServerError(
      code,
      `The body's values are nested ${depth} deep; at most ${maxJsonDepth} levels are taken.`,
    );
  }
  if (values > maxValues) {
    throw new ServerError(code, `The body has about ${values} values; at most ${maxValues} are taken.`);
  }
}

function textOf(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ServerError("bad-request", "The body is not UTF-8; send JSON in UTF-8.", { cause });
  }
}
