import type { FastifyInstance } from "fastify";
import type { Limits } from "../options.js";
import { createClientQuota } from "./client-quota.js";

/** Bodies up to so much are not counted: connections are, and they hold no more than this each. */
const SMALL_BYTES = 64 * 1024;

const MEBI = 2 ** 20;

/**
 * Bounds what all bodies together keep in memory, from their first byte until their answer is out. Uploads don't count:
 * they go to the disk as they come.
 */
export function addBodyQuota(
  app: FastifyInstance,
  { maxHeldBodyBytes }: Pick<Limits, "maxHeldBodyBytes">,
): void {
  const total = Math.floor(maxHeldBodyBytes / MEBI);
  const quota = createClientQuota({ total, perClient: total / 2, what: "MiB of requests under way" });
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
