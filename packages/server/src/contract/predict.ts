import { z } from "zod";
import { boxXywhSchema, pointSchema, rleSchema } from "./masks.js";

/** More points than a person clicks; each costs time of the decoder. */
export const MAX_POINTS = 1000;

/** More tokens than a text has for the encoders that are known; each costs the decoder as much as a point. */
export const MAX_EXTRA_TOKENS = 256;

/** A token each; whether it is as wide as the model's, `tokenWidth`, is seen when it is asked. */
const tokenRows = z
  .array(z.array(z.number()).min(1))
  .min(1)
  .max(MAX_EXTRA_TOKENS)
  .refine((each) => each.every((row) => row.length === each[0]?.length), "must be rows of one length");

/** Rows of a square; whether it is the model's, `maskSide` of the model, is seen when it is asked. */
const rows = z
  .array(z.array(z.number()))
  .min(1)
  .refine((each) => each.every((row) => row.length === each.length), "must be as many rows as columns");

const FLOAT_BYTES = 4;

/** The little-endian float32 of a square in base64. */
const base64Logits = z
  .base64()
  .min(1)
  .refine((text) => Number.isInteger(Math.sqrt(bytesOf(text) / FLOAT_BYTES)), "must be a square of float32");

/** Bytes that a base64 text stands for. */
function bytesOf(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** A prompt in pixels of the image. Every field may be left out or null, but not all of them. */
export const predictRequestSchema = z.strictObject({
  pointCoords: z.array(pointSchema).max(MAX_POINTS).nullish(),
  /** 1: on the object, 0: not on it; one for each point. */
  pointLabels: z
    .array(z.union([z.literal(0), z.literal(1)]))
    .max(MAX_POINTS)
    .nullish(),
  /** x0, y0, x1, y1. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish(),
  /** Logits of an earlier answer: rows, or as `low_res_logits` gives them. */
  maskInput: z.union([rows, base64Logits]).nullish(),
  /** Tokens in the decoder's own space, such as those that another encoder makes of a text. */
  extraTokens: tokenRows.nullish(),
  /** Three masks (whole, part, subpart) instead of one; true unless said otherwise. */
  multimaskOutput: z.boolean().nullish(),
  /** Whether the answer carries `low_res_logits`. */
  returnLowResLogits: z.boolean().nullish(),
});

export type PredictRequest = z.infer<typeof predictRequestSchema>;

/** Masks in the decoder's order. */
export const predictResponseSchema = z.strictObject({
  masks: z.array(
    z.strictObject({
      segmentation: rleSchema,
      area: z.number(),
      bbox: boxXywhSchema,
      predicted_iou: z.number(),
      /** Square, `maskSide` of the model: little-endian float32 in base64. */
      low_res_logits: z.string().optional(),
    }),
  ),
});

export type PredictResponse = z.infer<typeof predictResponseSchema>;
