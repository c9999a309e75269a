import type { MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { ServerError } from "../errors.js";

/**
 * The file part of a form.
 *
 * @param what "the image", for the message
 * @param maxBytes the server's limit for images by default; a byte more is read, so that the reader sees it
 * @throws ServerError `bad-request` if there is none or the form is invalid
 */
export async function readFilePart(
  request: FastifyRequest,
  what: string,
  maxBytes?: number,
): Promise<MultipartFile> {
  const limits = maxBytes === undefined ? {} : { limits: { fileSize: maxBytes + 1 } };
  const part = await request.file(limits).catch((error: Error & { statusCode?: number }) => {
    if (error.statusCode !== undefined) throw error;
    throw new ServerError("bad-request", `The form can't be read: ${error.message}.`, { cause: error });
  });
  if (part?.fieldname === "file") return part;
  part?.file.resume(); // an unread part would block the connection
  throw new ServerError("bad-request", `Send ${what} as the field "file".`);
}
