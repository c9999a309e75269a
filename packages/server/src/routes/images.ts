import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  type ImageInfo,
  imageIdSchema,
  imageListQuerySchema,
  previewQuerySchema,
} from "../contract/images.js";
import { ServerError } from "../errors.js";
import { clientOf } from "../http/client-quota.js";
import { readFilePart } from "../http/read-file-part.js";
import { readInput } from "../http/read-input.js";
import { sendFile } from "../http/send-file.js";
import type { UploadSlots } from "../http/upload-slots.js";
import { receiveUpload, tooLarge } from "../images/receive-upload.js";
import { imageKeys, type StoredImage } from "../records/stored-image.js";
import type { Services } from "../services.js";
import { servedModelOf } from "./served-model.js";

/** Formats that every browser can display. */
const SHOWN = new Set<ImageInfo["mediaType"]>(["image/jpeg", "image/png", "image/webp"]);

/** Side of the stored thumbnail; requests for this size get the thumbnail. */
const THUMBNAIL_SIDE = 320;

/** The image id in a path. @throws ServerError `not-found` for anything else */
export function imageIdOf(request: FastifyRequest): string {
  return readInput(imageIdSchema, (request.params as { id?: string }).id, "The image's id", "not-found");
}

/** Adds the routes for uploads, the list of images, and their pixels. */
export function addImageRoutes(app: FastifyInstance, services: Services, slots: UploadSlots): void {
  const { blobs, images, renditions, models, limits } = services;
  const describe = (image: StoredImage, { embeddings } = models.own): ImageInfo => ({
    ...image,
    embedding: embeddings.status(image.id),
  });

  app.post("/v1/images", async (request, reply) => {
    const release = slots.take(request);
    try {
      if (Number(request.headers["content-length"]) > limits.maxUploadBytes + 65_536)
        throw tooLarge(limits.maxUploadBytes);
      const part = await readFilePart(request, "the image");
      const image = await receiveUpload(part.file, part.filename, services);
      models.own.embeddings.ahead(image.id);
      return await reply.status(201).send(describe(image));
    } finally {
      release();
    }
  });

  app.get("/v1/images", async (request) => {
    const { id } = readInput(imageListQuerySchema, request.query, "The query");
    const found = id === undefined ? await images.list() : [await images.find(id)].filter((each) => !!each);
    const visible = await request.visibleImages?.(found.map((each) => each.id));
    return { images: found.filter((each) => visible?.has(each.id) ?? true).map((each) => describe(each)) };
  });

  app.get("/v1/images/:id", async (request) => {
    const image = await images.get(imageIdOf(request));
    return describe(image, await servedModelOf(request, models));
  });

  app.delete("/v1/images/:id", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    await images.delete(id);
    await models.forget(id);
    return reply.status(204).send();
  });

  app.get("/v1/images/:id/preview", async (request, reply) => {
    const { id, mediaType } = await images.get(imageIdOf(request));
    const { maxSide } = readInput(previewQuerySchema, request.query, "The query");
    const etag = `"${id.slice(0, 32)}-${maxSide ?? "full"}"`;
    const headers = { etag, "cache-control": "private, max-age=31536000, immutable" };
    if (request.headers["if-none-match"] === etag) return reply.headers(headers).status(304).send();
    const isAsUploaded = maxSide === undefined && SHOWN.has(mediaType);
    const key =
      maxSide === THUMBNAIL_SIDE
        ? imageKeys.thumbnail(id)
        : isAsUploaded
          ? imageKeys.file(id)
          : await renditions.get(id, maxSide, clientOf(request.ip));
    const type = isAsUploaded ? mediaType : maxSide === undefined ? "image/png" : "image/webp";
    if (await sendFile(reply.headers(headers), await blobs.localPath(key), type)) return reply;
    void reply.removeHeader("etag");
    throw new ServerError("overloaded", "The image was changed just now; retry.", { retryAfterS: 1 });
  });
}
