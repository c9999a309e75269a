import { z } from "zod";
import { idSchema } from "./engine/values.js";

/** Query that asks for a version of a project's model, by its id, instead of the server's model. */
export const versionQuerySchema = z.object({ version: idSchema.optional() });

/** The version of its model that a project uses; null: the server's own model. */
export const currentVersionSchema = z.strictObject({
  version: z.strictObject({ id: idSchema, number: z.int() }).nullable(),
});

/** Events of `GET /v1/engine/projects/:project/model/events`: the present version, then each new one. */
export const currentVersionEventSchema = z.strictObject({
  event: z.literal("version"),
  data: currentVersionSchema,
});

export type CurrentVersionAnswer = z.infer<typeof currentVersionSchema>;

/** The server's model, and the weights that a page needs to decode by itself. */
export const modelInfoSchema = z.strictObject({
  name: z.string(),
  checkpointSha256: z.string(),
  precision: z.enum(["fp32", "int8"]),
  /** Side of the encoder's square input, pixels. */
  imageSize: z.int(),
  /**
   * How an image fills the input: `pad` keeps its aspect ratio and pads on the right or below, `stretch` does
   * not.
   */
  fit: z.enum(["pad", "stretch"]),
  /** Side of the square `low_res_logits`, and of a mask prompt. */
  maskSide: z.int(),
  /** Number of values in an extra token of a prompt. */
  tokenWidth: z.int(),
  /** Defaults of everything mode's thresholds, where the weights have their own. */
  everythingThresholds: z
    .strictObject({ predIouThresh: z.number(), stabilityScoreThresh: z.number() })
    .optional(),
  decoder: z.strictObject({
    /** Path of a `.safetensors` file with the tensors of the prompt encoder and mask decoder. */
    url: z.string(),
    sha256: z.string(),
    bytes: z.int(),
  }),
});

export type ModelDescription = z.infer<typeof modelInfoSchema>;

export const healthSchema = z.strictObject({ status: z.literal("ok") });

export const readinessSchema = z.strictObject({
  status: z.enum(["ready", "starting", "stopping"]),
});

export type Readiness = z.infer<typeof readinessSchema>;
