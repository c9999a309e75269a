import type { FastifyInstance } from "fastify";
import type { Limits } from "../options.js";
import { createClientQuota } from "./client-quota.js";

/** Smaller bodies are not counted: the number of connections bounds them. */
const SMALL_BYTES = 64 * 1024;

const MEBI = 2 ** 20;

/**
 * Limits the memory of all request bodies together, from their first byte until the response is sent. Uploads
 * are exempt: they are streamed to disk.
 */
export function addBodyQuota(
  app: FastifyInstance,
  { maxHeldBodyBytes }: Pick<Limits, "maxHeldBodyBytes">,
): void {
  const total = Math.floor(maxHeldBodyBytes / MEBI);
  const quota = createClientQuota({ total, perClient: total / 2, what: "MiB of pending request bodies" });
  app.addHook("preParsing", async (request, reply) => {
    const { headers, routeOptions, ip } = request;
    if (headers["content-type"]?.startsWith("multipart/")) return;
    const limit = routeOptions.bodyLimit ?? 0;
    const isChunked = headers["transfer-encoding"] !== undefined;
    const bytes = Math.min(limit, isChunked ? limit : Number(headers["content-length"] ?? 0));
    if (!(bytes > SMALL_BYTES)) return;
    const release = quota.take(ip, bytes / MEBI);
    reply.raw.once("finish", release).once("close", release);
  });
}
