import { z } from "zod";
import { boxXywhSchema, pointSchema, rleSchema } from "./masks.js";

/** More points than a person clicks; each costs time of the decoder. */
export const MAX_POINTS = 1000;

/** Side of the mask prompt and of low-resolution logits. */
export const LOW_RES_SIDE = 256;

const rows = z.array(z.array(z.number()).length(LOW_RES_SIDE)).length(LOW_RES_SIDE);

/** 65,536 little-endian float32 in base64: of the last three bytes that four characters stand for, one is there. */
const base64Logits = z
  .string()
  .length(Math.ceil((LOW_RES_SIDE ** 2 * 4) / 3) * 4)
  .regex(/^[A-Za-z0-9+/]+[AQgw]==$/);

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
      /** 256x256 little-endian float32 in base64. */
      low_res_logits: z.string().optional(),
    }),
  ),
});

export type PredictResponse = z.infer<typeof predictResponseSchema>;
