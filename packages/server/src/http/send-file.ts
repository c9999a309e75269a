import { open } from "node:fs/promises";
import type { FastifyReply } from "fastify";

/**
 * Sends a file as a stream, read no faster than the client takes it (back-pressure).
 *
 * @returns false if there is no such file. (Not the reply: it has a `then`, so `await` would yield undefined,
 *   and only after the client has read everything.)
 */
export async function sendFile(reply: FastifyReply, path: string, mediaType: string): Promise<boolean> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (!file) return false;
  const { size } = await file.stat();
  // Set last: headers set before an error would be sent with it.
  void reply.type(mediaType).header("content-length", size).send(file.createReadStream());
  return true;
}
