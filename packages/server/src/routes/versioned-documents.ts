import type { FastifyReply, FastifyRequest } from "fastify";
import { ServerError } from "../errors.js";
import { entityTag, isFresh } from "../http/preconditions.js";
import type { KeptDocument, PutResult } from "../images/kept-mask-store.js";

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Sends a document with its version: 204 where there is none, 304 where the client has it. */
export function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  document: KeptDocument | undefined,
): FastifyReply {
  if (!document) return reply.status(204).send();
  const { version, bytes, content } = document;
  void reply.headers({ etag: entityTag(version), "cache-control": "private, no-cache" });
  if (isFresh(request.headers, version)) {
    content.destroy();
    return reply.status(304).send();
  }
  return reply.type("application/json").header("content-length", bytes).send(content);
}

/** The bytes of a body that is left raw, without a byte order mark: some editors write one. */
export function documentBytes(request: FastifyRequest): Buffer {
  const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
}

/**
 * Answers what became of a document that was to be stored.
 *
 * @param what it is, in the plural: "The image's masks"
 * @throws ServerError `precondition-failed`
 */
export function answerPut(
  reply: FastifyReply,
  { isWritten, version }: PutResult,
  what: string,
): FastifyReply {
  if (version !== undefined) void reply.header("etag", entityTag(version));
  if (isWritten) return reply.status(204).send();
  const now = version === undefined ? "none are stored" : `their ETag is ${entityTag(version)}`;
  throw new ServerError(
    "precondition-failed",
    `${what} are not the version that the request replaces: ${now}. Get them, merge, and retry.`,
  );
}
