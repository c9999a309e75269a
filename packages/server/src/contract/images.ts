import { z } from "zod";

/** SHA-256 of the uploaded file, in lower-case hexadecimal: the same file has the same id. */
export const imageIdSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** How far the image is on its way to an embedding. */
export const embeddingStatusSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("none") }),
  /** `position` counts from 1: what has to be encoded before it, and itself. */
  z.strictObject({ state: z.literal("queued"), position: z.int() }),
  /** `expectedMs` is the median of encodings before; null before the first. */
  z.strictObject({ state: z.literal("encoding"), elapsedMs: z.number(), expectedMs: z.number().nullable() }),
  z.strictObject({ state: z.literal("ready") }),
  z.strictObject({ state: z.literal("failed"), message: z.string() }),
]);

export type EmbeddingStatus = z.infer<typeof embeddingStatusSchema>;

/** An image of the server. Its frame, for every coordinate and mask, is the picture as shown: after EXIF rotation. */
export const imageInfoSchema = z.strictObject({
  id: imageIdSchema,
  width: z.int(),
  height: z.int(),
  /** As uploaded; for people only. */
  name: z.string(),
  mediaType: z.enum(["image/jpeg", "image/png", "image/webp", "image/tiff"]),
  bytes: z.int(),
  /** ISO 8601. */
  createdAt: z.string(),
  embedding: embeddingStatusSchema,
});

export type ImageInfo = z.infer<typeof imageInfoSchema>;

/** Images, the newest first. */
export const imageListSchema = z.strictObject({ images: z.array(imageInfoSchema) });

export type ImageList = z.infer<typeof imageListSchema>;

/** Query of the list: the image of an id alone, if it is there. So one can ask for what may be missing without a refusal. */
export const imageListQuerySchema = z.strictObject({ id: imageIdSchema.optional() });

/** Query of the picture: scaled down so that no side is longer. */
export const pictureQuerySchema = z.strictObject({
  maxSide: z.coerce.number().int().min(16).max(8192).optional(),
});

export type EmbeddingDtype = "float16" | "float32";

/** Query of the embedding; values come as little-endian bytes. */
export const embeddingQuerySchema = z.strictObject({
  dtype: z.enum(["float16", "float32"]).default("float32"),
});

/**
 * Headers that tell of an embedding what its bytes don't. The bytes are those of all feature maps, one after another;
 * `features` has their shapes, see `writeFeatureShapes`. Sizes are written as "1800x1200".
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

/** Events of `GET …/images/:id/events`: each change of the embedding's status, until it is ready or has failed. */
export const imageEventSchema = z.strictObject({
  event: z.literal("embedding"),
  data: embeddingStatusSchema,
});

export type ImageEvent = z.infer<typeof imageEventSchema>;
