import { z } from "zod";
import type { EngineRoute } from "./route.js";
import { idSchema, timeSchema } from "./values.js";

const share = z.number().min(0).max(1);

const settings = {
  /** Share of good masks (IoU of .75 or more) to aim at. */
  precision: z.number().min(0.01).max(1),
  behaviour: z.enum(["official", "paper", "fast"]),
  pointsPerSide: z.int().min(1).max(256).optional(),
  /** Images at most. */
  images: z.int().min(1).max(1_000_000_000).optional(),
  /** In which order people get the images of stage 2. */
  order: z.enum(["given", "active"]),
  randomShare: share,
} as const;

const stageRunSchema = z.strictObject({
  id: idSchema,
  project: idSchema,
  stage: z.literal([2, 3]),
  /** The model version that it keeps; null for the model that the project began with. */
  version: idSchema.nullable(),
  work: idSchema,
  settings: z.strictObject(settings),
  /** What it learned of how sure it may be; null until it has. */
  confidence: z
    .strictObject({
      model: z.unknown(),
      /** Least confidence of masks that are kept; null: none is kept. */
      threshold: z.number().nullable(),
      /** Images that it was learned from. */
      images: z.int(),
      heldBack: z.strictObject({
        masks: z.int(),
        precision: z.number().nullable(),
        calibrationError: z.number(),
      }),
    })
    .nullable(),
  images: z.strictObject({ done: z.int(), total: z.int(), unreadable: z.int() }),
  masks: z.int(),
  createdAt: timeSchema,
  finishedAt: timeSchema.nullable(),
});

const interval = z.tuple([z.number(), z.number()]);

const stageAuditSchema = z.strictObject({
  /** The run of stage 3. */
  run: idSchema,
  jobs: z.array(idSchema),
  /** Masks of the sample, and those whose image is corrected by now. */
  masks: z.strictObject({ total: z.int(), done: z.int() }),
  /** Share of the corrected ones with an IoU above .75 and .9 to their correction. */
  share75: z.number(),
  share90: z.number(),
  /** With 95 % confidence (Wilson). */
  interval75: interval,
  interval90: interval,
});

const inProject = <R extends "maintainer" | "supervisor">(role: R) =>
  ({ who: "member", role, of: "project" }) as const;

/** Routes for what the model labels by itself. */
export const stageRoutes = {
  listStageRuns: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/stages", rule: inProject("supervisor") },
    summary: "Runs of stages 2 and 3, newest first",
    answer: z.array(stageRunSchema),
  },
  runStage: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/stages", status: 201 },
    rule: inProject("maintainer"),
    summary: "Have the model label open images: stage 2 for people to go on from, stage 3 alone",
    body: z.strictObject({
      stage: z.literal([2, 3]),
      ...z.strictObject(settings).partial().shape,
    }),
    answer: stageRunSchema,
  },
  getStageAudit: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/audit", rule: inProject("supervisor") },
    summary: "How good the masks of stage 3 are, by the last audit; null without any",
    answer: z.strictObject({ audit: stageAuditSchema.nullable() }),
  },
  beginStageAudit: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/audit", status: 201 },
    rule: inProject("maintainer"),
    summary: "Have a random sample of the last run of stage 3 corrected",
    body: z.strictObject({
      masks: z.int().min(1).max(100_000).default(500),
      imagesPerJob: z.int().min(1).max(1000).optional(),
    }),
    answer: stageAuditSchema,
  },
} as const satisfies Record<string, EngineRoute>;
