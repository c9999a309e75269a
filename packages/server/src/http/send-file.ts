import { open } from "node:fs/promises";
import type { FastifyReply } from "fastify";

/**
 * Answers with a file as it lies on the disk, read no faster than the client takes it.
 *
 * @returns the reply, or undefined where there is no such file
 */
export async function sendFile(
  reply: FastifyReply,
  path: string,
  mediaType: string,
): Promise<FastifyReply | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (!file) return undefined;
  const { size } = await file.stat();
  // Headers that were set before a refusal would go with it, so these come last.
  return reply.type(mediaType).header("content-length", size).send(file.createReadStream());
}
