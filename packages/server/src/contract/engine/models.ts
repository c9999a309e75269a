import { z } from "zod";
import { currentVersionSchema } from "../model.js";
import type { EngineRoute } from "./route.js";
import { idSchema, textSchema, timeSchema } from "./values.js";

/** Mean IoU on the frozen images. */
const scoresSchema = z.strictObject({
  /** For one click: of the mask that the model is most sure of. */
  click: z.number(),
  /** The best of its three masks. */
  oracle: z.number(),
  /** After three clicks. */
  clicks: z.number(),
  box: z.number(),
  objects: z.int(),
});

const countSchema = z.strictObject({ images: z.int(), masks: z.int() });

const modelVersionSchema = z.strictObject({
  id: idSchema,
  project: idSchema,
  /** From 0, the model that the project began with. */
  number: z.int(),
  state: z.enum(["training", "failed", "candidate", "current", "former"]),
  /** The version that it was trained from. */
  parent: idSchema.nullable(),
  /** null while it is trained. */
  source: z
    .object({ name: z.string(), /** Whether its file is in the data folder. */ isKept: z.boolean() })
    .nullable(),
  /** SHA-256 of the checkpoint; null while it is trained. */
  checkpoint: z.string().nullable(),
  /** SHA-256 of the checkpoint that its image encoder comes from. */
  encoder: z.string().nullable(),
  settings: z.object({ training: z.record(z.string(), z.unknown()), force: z.string().optional() }),
  scores: z.strictObject({ before: scoresSchema, after: scoresSchema }).nullable(),
  /** What it was trained on, and what it was measured with. */
  data: z.strictObject({ training: countSchema, validation: countSchema }),
  /** The work item that trains it. */
  work: idSchema.nullable(),
  progress: z.unknown(),
  /** Why its training was given up, or why the last attempt failed. */
  error: z.string().nullable(),
  createdBy: idSchema,
  createdAt: timeSchema,
  finishedAt: timeSchema.nullable(),
  /** Who made it the current version last, when and why. */
  chosenBy: idSchema.nullable(),
  chosenAt: timeSchema.nullable(),
  reason: z.string().nullable(),
});

const reasonSchema = textSchema(2000);

const PROJECT = { who: "member", role: "supervisor", of: "project" } as const;
const MODEL = { who: "member", role: "supervisor", of: "model" } as const;

/** Routes for the versions of a project's model. */
export const modelRoutes = {
  getCurrentModel: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/model" },
    rule: { who: "member", role: "worker", of: "project" },
    summary: "The version that the project's images are labelled with; null: the server's own model",
    answer: currentVersionSchema,
  },
  listModelVersions: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/models", rule: PROJECT },
    summary: "The versions of a project's model, by number, with their scores",
    answer: z.array(modelVersionSchema),
  },
  retrainModel: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/models", status: 201 },
    rule: { who: "member", role: "maintainer", of: "project" },
    summary: "Train the next version on the accepted masks; the server does it",
    body: z.strictObject({
      training: z
        .strictObject({
          train: z.enum(["decoder", "neck", "encoder", "lora"]).optional(),
          steps: z.int().min(1).max(1_000_000).optional(),
          learningRate: z.number().positive().max(1).optional(),
          seed: z
            .int()
            .min(0)
            .max(2 ** 31)
            .optional(),
        })
        .default({}),
      /** Why it becomes the current version even if it is not better. */
      force: reasonSchema.optional(),
    }),
    answer: modelVersionSchema,
  },
  getModelVersion: {
    ...{ method: "GET", url: "/v1/engine/models/:model", rule: MODEL, answer: modelVersionSchema },
    summary: "A version of a project's model",
  },
  getTrainingCurves: {
    ...{ method: "GET", url: "/v1/engine/models/:model/curves", rule: MODEL },
    summary: "What each step and validation of a version's training gave; empty where there was none",
    answer: z.array(z.record(z.string(), z.number().nullable())),
  },
  useModelVersion: {
    ...{ method: "POST", url: "/v1/engine/models/:model/choice" },
    rule: { who: "member", role: "maintainer", of: "model" },
    summary: "Make a version the current one, an earlier one too",
    body: z.strictObject({ reason: reasonSchema }),
    answer: modelVersionSchema,
  },
} as const satisfies Record<string, EngineRoute>;
