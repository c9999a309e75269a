import { z } from "zod";
import { errorSchema } from "./errors.js";
import { imageIdSchema } from "./images.js";
import { maskListSchema } from "./masks.js";

const share = z.number().min(0).max(1);

/**
 * Options of everything mode, named as in the mask generator. Options that are missing or null have their
 * default.
 */
export const segmentRequestSchema = z.strictObject({
  behaviour: z.enum(["official", "paper", "fast"]).nullish(),
  pointsPerSide: z.int().min(1).max(128).nullish(),
  predIouThresh: share.nullish(),
  stabilityScoreThresh: share.nullish(),
  stabilityScoreOffset: z.number().min(0).max(100).nullish(),
  boxNmsThresh: share.nullish(),
  cropNLayers: z.int().min(0).max(3).nullish(),
  cropNmsThresh: share.nullish(),
  cropOverlapRatio: share.nullish(),
  cropNPointsDownscaleFactor: z.int().min(1).max(16).nullish(),
  minMaskRegionArea: z.number().min(0).max(1e9).nullish(),
  /** Candidates below these thresholds are discarded immediately: later thresholds can't be lower. */
  floor: z.strictObject({ predIouThresh: share.nullish(), stabilityScoreThresh: share.nullish() }).nullish(),
});

export type SegmentRequest = z.infer<typeof segmentRequestSchema>;

/** Query of a job's masks: thresholds to select again from the decoded candidates. */
export const selectionQuerySchema = z.strictObject({
  predIouThresh: z.coerce.number().min(0).max(1).optional(),
  stabilityScoreThresh: z.coerce.number().min(0).max(1).optional(),
  boxNmsThresh: z.coerce.number().min(0).max(1).optional(),
  cropNmsThresh: z.coerce.number().min(0).max(1).optional(),
  minMaskRegionArea: z.coerce.number().min(0).max(1e9).optional(),
});

export type SelectionQuery = z.infer<typeof selectionQuerySchema>;

export const jobIdSchema = z.string().regex(/^[0-9a-f]{32}$/);

export const jobProgressSchema = z.strictObject({
  pointsDone: z.int(),
  pointsTotal: z.int(),
  /** Masks above the thresholds so far, before duplicates are removed. */
  candidates: z.int(),
});

export type JobProgress = z.infer<typeof jobProgressSchema>;

/** Work that continues after its request. */
export const jobSchema = z.strictObject({
  id: jobIdSchema,
  kind: z.literal("segment"),
  imageId: imageIdSchema,
  state: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  /** Position in the queue, from 1, while queued. */
  position: z.int().optional(),
  progress: jobProgressSchema.optional(),
  /** Number of masks, when done. */
  masks: z.int().optional(),
  error: errorSchema.optional(),
  /** ISO 8601. */
  createdAt: z.string(),
  finishedAt: z.string().optional(),
});

export type Job = z.infer<typeof jobSchema>;

/**
 * Events of `GET …/jobs/:id/events`. A client that connects later, or again, first receives `state`. Each
 * `masks` event replaces the one before it. The last event is `done`, `failed` or `cancelled`.
 */
export const jobEventSchema = z.discriminatedUnion("event", [
  z.strictObject({ event: z.literal("state"), data: jobSchema }),
  z.strictObject({ event: z.literal("progress"), data: jobProgressSchema }),
  z.strictObject({ event: z.literal("masks"), data: maskListSchema }),
  z.strictObject({ event: z.literal("done"), data: jobSchema }),
  z.strictObject({ event: z.literal("failed"), data: jobSchema }),
  z.strictObject({ event: z.literal("cancelled"), data: jobSchema }),
]);

export type JobEvent = z.infer<typeof jobEventSchema>;
