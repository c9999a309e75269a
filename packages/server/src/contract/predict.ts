import { z } from "zod";
import { boxXywhSchema, pointSchema, rleSchema } from "./masks.js";

/** Most points in a prompt, more than a person clicks. Each costs decoder time. */
export const MAX_POINTS = 1000;

/** Most extra tokens in a prompt, more than known text encoders produce. Each costs as much as a point. */
export const MAX_EXTRA_TOKENS = 256;

/** Most characters of a text: far more than an engine takes, which then says so. */
const MAX_TEXT = 1000;

/** One row per token. Whether rows have the model's `tokenWidth` is checked when the model runs. */
const tokenRows = z
  .array(z.array(z.number()).min(1))
  .min(1)
  .max(MAX_EXTRA_TOKENS)
  .refine((each) => each.every((row) => row.length === each[0]?.length), "must be rows of one length");

/** Rows of a square. Whether it has the model's `maskSide` is checked when the model runs. */
const rows = z
  .array(z.array(z.number()))
  .min(1)
  .refine((each) => each.every((row) => row.length === each.length), "must be as many rows as columns");

const FLOAT_BYTES = 4;

/** The little-endian float32 values of a square in base64. */
const base64Logits = z
  .base64()
  .min(1)
  .refine((text) => Number.isInteger(Math.sqrt(bytesOf(text) / FLOAT_BYTES)), "must be a square of float32");

/** Number of bytes that a base64 text decodes to. */
function bytesOf(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** A prompt in pixels of the image. Every field may be missing or null, but not all of them. */
export const predictRequestSchema = z.strictObject({
  pointCoords: z.array(pointSchema).max(MAX_POINTS).nullish(),
  /** 1: on the object, 0: not on it; one per point. */
  pointLabels: z
    .array(z.union([z.literal(0), z.literal(1)]))
    .max(MAX_POINTS)
    .nullish(),
  /** x0, y0, x1, y1. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish(),
  /** Logits of an earlier prediction: rows, or base64 as in `low_res_logits`. */
  maskInput: z.union([rows, base64Logits]).nullish(),
  /** Tokens in the decoder's own space, for example from a text encoder. */
  extraTokens: tokenRows.nullish(),
  /** Words: all objects of the kind, or, with points or a box, the one that these are on. */
  text: z.string().max(MAX_TEXT).nullish(),
  /** Least score of an object that the text finds; the engine has its own default. */
  textThreshold: z.number().min(0).max(1).nullish(),
  /** Three masks (whole, part, subpart) instead of one; default true. With text, the best of three. */
  multimaskOutput: z.boolean().nullish(),
  /** Whether the response has `low_res_logits`. */
  returnLowResLogits: z.boolean().nullish(),
});

export type PredictRequest = z.infer<typeof predictRequestSchema>;

/** Masks in the decoder's order; with text one for each object, the best score first. */
export const predictResponseSchema = z.strictObject({
  /** What found the objects of the text. */
  text_engine: z.string().optional(),
  /** The least score that it looks for if `textThreshold` is not given. */
  text_default_threshold: z.number().optional(),
  masks: z.array(
    z.strictObject({
      segmentation: rleSchema,
      area: z.number(),
      bbox: boxXywhSchema,
      predicted_iou: z.number(),
      /** Square with the model's `maskSide`: little-endian float32 in base64. */
      low_res_logits: z.string().optional(),
      /** The text that found the object. */
      label: z.string().optional(),
      /** What the engine itself calls it. */
      category: z.string().optional(),
      /** The engine's score, 0 to 1. */
      text_score: z.number().optional(),
      /** The engine's box: x0, y0, x1, y1. */
      text_box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
    }),
  ),
});

export type PredictResponse = z.infer<typeof predictResponseSchema>;
