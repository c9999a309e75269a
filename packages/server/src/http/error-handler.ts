import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { API_ERROR_STATUS, type ApiErrorCode } from "../contract/errors.js";
import { ServerError, stoppingError } from "../errors.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import { engineErrorOf } from "./engine-errors.js";
import { HEADERS } from "./headers.js";

/** Errors of Fastify and its plugins, mapped to our codes. */
const FRAMEWORK_CODES: Readonly<Record<string, ApiErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "payload-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_INVALID_MULTIPART_CONTENT_TYPE: "unsupported-media-type",
  FST_REQ_FILE_TOO_LARGE: "payload-too-large",
};

/** How long a connection stays open so that a client that sends too much can read the error. */
const LINGER_MS = 2000;

/** Sends every error as `{ code, message }` with the code's status. */
export function addErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendError(request, reply, toServerError(error)),
  );
  app.setNotFoundHandler((request, reply) => {
    const what = `${request.method} ${request.url.slice(0, 200)}`;
    return sendError(
      request,
      reply,
      new ServerError("not-found", `There is no route for ${what}; see /openapi.json.`),
    );
  });
}

/** Handles Fastify errors that occur before any hook: a URL that can't be decoded, or is too long. */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const message = `The URL "${request.url.slice(0, 100)}" can't be read (${error.code}).`;
  void sendError(request, reply.headers(HEADERS), new ServerError("bad-request", message, { cause: error }));
}

/** Refuses requests over open connections during shutdown. */
export function refuseWhenStopping(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook("onRequest", async (_request, reply) => {
    if (!stopping.aborted) return;
    void reply.header("connection", "close");
    throw stoppingError();
  });
}

function toServerError(error: FastifyError): ServerError {
  const ofEngine = engineErrorOf(error);
  if (ofEngine) return ofEngine;
  const known = FRAMEWORK_CODES[error.code ?? ""];
  if (known) return new ServerError(known, `${error.message}.`, { cause: error });
  const refused = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  if (refused)
    return new ServerError("bad-request", `The request can't be handled: ${error.message}.`, {
      cause: error,
    });
  return apiErrorOf(error);
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: ServerError): FastifyReply {
  const { code, message, retryAfterS } = error;
  if (code === "internal" || code === "store-failed")
    request.log.error({ err: error.cause ?? error }, "request failed");
  if (retryAfterS !== undefined) void reply.header("retry-after", retryAfterS);
  if (code === "payload-too-large") closeLater(request, reply);
  return reply
    .status(API_ERROR_STATUS[code])
    .header("cache-control", "no-store")
    .type("application/json")
    .send({ code, message });
}

/**
 * Closes the connection with a delay. Closing it while the client still sends resets it, and the client may
 * lose the response.
 */
function closeLater({ raw }: FastifyRequest, reply: FastifyReply): void {
  void reply.removeHeader("connection");
  reply.raw.once("finish", () => {
    setTimeout(() => {
      if (!raw.complete) raw.socket.destroy();
    }, LINGER_MS).unref();
  });
}
