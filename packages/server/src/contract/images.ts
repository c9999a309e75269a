import { z } from "zod";
import { versionQuerySchema } from "./model.js";

/** Id of an image: SHA-256 of the uploaded file in lower-case hexadecimal. The same file has the same id. */
export const imageIdSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** State of an image's embedding. */
export const embeddingStatusSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("none") }),
  /** `position` counts from 1: the number of images to encode until this one is done. */
  z.strictObject({ state: z.literal("queued"), position: z.int() }),
  /** `expectedMs` is the median of earlier encodings; null before the first. */
  z.strictObject({ state: z.literal("encoding"), elapsedMs: z.number(), expectedMs: z.number().nullable() }),
  z.strictObject({ state: z.literal("ready") }),
  z.strictObject({ state: z.literal("failed"), message: z.string() }),
]);

export type EmbeddingStatus = z.infer<typeof embeddingStatusSchema>;

/** An image on the server. Coordinates and masks refer to the image as displayed, after EXIF rotation. */
export const imageInfoSchema = z.strictObject({
  id: imageIdSchema,
  width: z.int(),
  height: z.int(),
  /** EXIF orientation of the file; 1 for images that were stored before it was. */
  orientation: z.literal([1, 2, 3, 4, 5, 6, 7, 8]).default(1),
  /** File name as uploaded, for display only. */
  name: z.string(),
  mediaType: z.enum(["image/jpeg", "image/png", "image/webp", "image/tiff"]),
  bytes: z.int(),
  /** ISO 8601. */
  createdAt: z.string(),
  embedding: embeddingStatusSchema,
});

export type ImageInfo = z.infer<typeof imageInfoSchema>;

/** Images, newest first. */
export const imageListSchema = z.strictObject({ images: z.array(imageInfoSchema) });

export type ImageList = z.infer<typeof imageListSchema>;

/**
 * Query of the list: only the image with this id, if it exists. A client can so test for an image without a
 * 404 error.
 */
export const imageListQuerySchema = z.strictObject({ id: imageIdSchema.optional() });

/** Query of the image's pixels: scaled down so that no side is longer. */
export const previewQuerySchema = z.strictObject({
  maxSide: z.coerce.number().int().min(16).max(8192).optional(),
});

export type EmbeddingDtype = "float16" | "float32";

/** Query of the embedding; values are sent as little-endian bytes. */
export const embeddingQuerySchema = z.strictObject({
  ...versionQuerySchema.shape,
  dtype: z.enum(["float16", "float32"]).default("float32"),
});

/**
 * Response headers with the metadata of an embedding. The body has the values of all feature maps, one after
 * another; `features` has their shapes, see `writeFeatureShapes`. Sizes are written as "1800x1200".
 */
export const EMBEDDING_HEADERS = {
  features: "x-embedding-features",
  dtype: "x-embedding-dtype",
  imageSize: "x-image-size",
  inputSize: "x-input-size",
  modelName: "x-model-name",
  checkpointSha256: "x-checkpoint-sha256",
  precision: "x-model-precision",
} as const;

/**
 * Events of `GET …/images/:id/events`: each change of the embedding's status until it is ready or has failed.
 */
export const imageEventSchema = z.strictObject({
  event: z.literal("embedding"),
  data: embeddingStatusSchema,
});

export type ImageEvent = z.infer<typeof imageEventSchema>;
