import { open } from "node:fs/promises";
import type { FastifyReply } from "fastify";

/**
 * Answers with a file as it lies on the disk, read no faster than the client takes it.
 *
 * @returns false where there is no such file. (Not the reply: it has a `then`, so `await` would give
 *   undefined in its place, and only once the client has read all.)
 */
export async function sendFile(reply: FastifyReply, path: string, mediaType: string): Promise<boolean> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (!file) return false;
  const { size } = await file.stat();
  // Headers that were set before a refusal would go with it, so these come last.
  void reply.type(mediaType).header("content-length", size).send(file.createReadStream());
  return true;
}
