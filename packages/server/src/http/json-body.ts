import { maxJsonDepth, measureJson } from "@segany/dataset/formats";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Limits on the route's JSON body. */
    readonly json?: JsonLimits;
  }
}

/** Limits on a JSON body, checked before it is parsed. */
export interface JsonLimits {
  /** Most values: all elements and members, nested ones included. */
  readonly maxValues?: number;
  /** The error code above the limits. */
  readonly code?: ApiErrorCode;
  /** Leaves the body as bytes; the route parses them later with the `JsonReader`. */
  readonly isLeftRaw?: boolean;
}

/** Parses the bytes of a JSON body. @throws ServerError `bad-request`, the route's code */
export type JsonReader = (request: FastifyRequest, bytes: Buffer) => unknown;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Adds the only parser of JSON bodies. A body is measured before it is parsed: a few bytes may take a hundred
 * times as much memory, and deep nesting overflows the stack of recursive code.
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
      `The body's values are nested ${depth} deep; at most ${maxJsonDepth} levels are allowed.`,
    );
  }
  if (values > maxValues) {
    throw new ServerError(code, `The body has about ${values} values; at most ${maxValues} are allowed.`);
  }
}

function textOf(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ServerError("bad-request", "The body is not UTF-8; send JSON in UTF-8.", { cause });
  }
}
