import { z } from "zod";
import { imageIdSchema } from "../images.js";
import { rleSchema } from "../masks.js";
import { MAX_POINTS } from "../predict.js";
import { IMAGE, JOB, lockNumber } from "./jobs.js";
import type { EngineRoute } from "./route.js";
import { commentSchema, idSchema, textSchema, timeSchema } from "./values.js";

/** Something the annotator did, with what is needed to make the mask again. */
const workEventSchema = z.looseObject({ at: z.number(), kind: z.string().max(100) });

/** A step that makes a mask; each works on the mask of the step before. */
const maskStepSchema = z.discriminatedUnion("kind", [
  /** Begins with the mask of the revision before. */
  z.strictObject({ kind: z.literal("previous") }),
  /** The model answers a prompt, in pixels of the image. */
  z.strictObject({
    kind: z.literal("predict"),
    /** x, y, and 1 on the object or 0 not on it. */
    points: z.array(z.tuple([z.number(), z.number(), z.union([z.literal(0), z.literal(1)])])).max(MAX_POINTS),
    box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
    /** The rough mask: the logits of the prediction before, or the mask as it is. */
    rough: z.enum(["logits", "mask"]).optional(),
    multimask: z.boolean(),
    /** Islands and holes below this area were removed; pixels of the model's frame. */
    specksPx: z.number().min(0).optional(),
    /** Which of the masks was taken, from 0, or the one that the model rates best. */
    chosen: z.union([z.int().min(0).max(2), z.literal("best")]),
  }),
  /** By hand: exactly these pixels change. */
  z.strictObject({ kind: z.literal("edit"), change: rleSchema }),
]);

const provenanceSchema = z.looseObject({
  source: z.enum(["manual", "semi-automatic", "automatic", "merged", "imported"]),
  model: z.strictObject({ name: textSchema(200), hash: textSchema(100) }).optional(),
  thresholds: z.record(z.string(), z.number()).optional(),
  events: z.array(workEventSchema).max(100_000).optional(),
  /** What makes exactly this mask again. */
  steps: z.array(maskStepSchema).max(10_000).optional(),
  /** Where the model of the steps ran. */
  runsOn: z.enum(["server", "server-encodes", "browser"]).optional(),
});

const attributesSchema = z.record(z.string(), z.unknown());

const changeFields = {
  /** Chosen by the client: a change that is sent again is stored once. */
  change: idSchema,
  /** The object; chosen by the client when it is new. */
  annotation: idSchema,
  /** The revision that the change was made on; 0 for a new object. */
  base: z
    .int()
    .min(0)
    .max(2 ** 31 - 2),
} as const;

const changeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...changeFields,
    kind: z.literal("put"),
    mask: rleSchema,
    className: textSchema(200).nullable().optional(),
    attributes: attributesSchema.optional(),
    provenance: provenanceSchema,
  }),
  z.strictObject({ ...changeFields, kind: z.literal("delete"), provenance: provenanceSchema.optional() }),
  /** Brings back the mask and class of an earlier revision. */
  z.strictObject({
    ...changeFields,
    kind: z.literal("restore"),
    revision: z
      .int()
      .min(1)
      .max(2 ** 31 - 1),
  }),
]);

const annotationSchema = z.strictObject({
  id: idSchema,
  job: idSchema,
  image: imageIdSchema,
  revision: z.int(),
  mask: rleSchema,
  className: z.string().nullable(),
  attributes: attributesSchema,
  source: provenanceSchema.shape.source,
  area: z.int(),
  /** How sure the machine is that the mask is good, 0 to 1; null for what people made. */
  confidence: z.number().nullable(),
  author: idSchema,
  createdAt: timeSchema,
  changedAt: timeSchema,
});

const revisionSchema = z.strictObject({
  number: z.int(),
  kind: z.enum(["create", "edit", "delete", "restore"]),
  /** null for a deletion. */
  mask: rleSchema.nullable(),
  className: z.string().nullable(),
  attributes: attributesSchema,
  provenance: z.record(z.string(), z.unknown()),
  author: idSchema,
  stage: z.string(),
  createdAt: timeSchema,
  clicks: z.int(),
  activeMs: z.number(),
});

const issueSchema = z.strictObject({
  id: idSchema,
  job: idSchema,
  image: imageIdSchema,
  annotation: idSchema.nullable(),
  /** Pixels of the image. */
  point: z.tuple([z.number(), z.number()]),
  createdBy: idSchema,
  createdAt: timeSchema,
  resolvedAt: timeSchema.nullable(),
  resolvedBy: idSchema.nullable(),
  comments: z.array(
    z.strictObject({ id: idSchema, author: idSchema, text: z.string(), createdAt: timeSchema }),
  ),
});

const ISSUE = { who: "participant", or: "supervisor", of: "issue" } as const;

/** Routes for masks and review issues. */
export const annotationRoutes = {
  listAnnotations: {
    ...{ method: "GET", url: `${IMAGE}/annotations`, rule: JOB, answer: z.array(annotationSchema) },
    summary: "The present masks of an image in a job, in the order in which they were made",
  },
  saveAnnotations: {
    ...{ method: "POST", url: `${IMAGE}/annotations`, rule: JOB },
    summary: "Store changes to an image's objects; the lock is kept for another while",
    body: z.strictObject({ number: lockNumber, changes: z.array(changeSchema).max(10_000) }),
    answer: z.array(
      z.strictObject({
        change: idSchema,
        annotation: idSchema,
        /** `conflict`: the object has another revision than the change's base, and nothing was stored. */
        result: z.enum(["saved", "conflict"]),
        revision: z.int(),
      }),
    ),
    maxValues: 1_000_000,
  },
  getHistory: {
    ...{ method: "GET", url: "/v1/engine/annotations/:annotation/revisions" },
    rule: { who: "participant", or: "supervisor", of: "annotation" },
    summary: "All states of an object, first to last",
    answer: z.array(revisionSchema),
  },
  listIssues: {
    ...{ method: "GET", url: "/v1/engine/jobs/:job/issues", rule: JOB, answer: z.array(issueSchema) },
    summary: "The review issues of a job",
  },
  createIssue: {
    ...{ method: "POST", url: "/v1/engine/jobs/:job/issues", rule: JOB, answer: issueSchema, status: 201 },
    summary: "Pin an issue to a place on an image",
    body: z.strictObject({
      image: imageIdSchema,
      annotation: idSchema.optional(),
      point: z.tuple([z.number(), z.number()]),
      text: commentSchema,
    }),
  },
  addComment: {
    ...{ method: "POST", url: "/v1/engine/issues/:issue/comments", rule: ISSUE, answer: issueSchema },
    summary: "Comment on an issue",
    body: z.strictObject({ text: commentSchema }),
    status: 201,
  },
  resolveIssue: {
    ...{ method: "PUT", url: "/v1/engine/issues/:issue/resolution", rule: ISSUE, answer: issueSchema },
    summary: "Resolve an issue",
  },
  reopenIssue: {
    ...{ method: "DELETE", url: "/v1/engine/issues/:issue/resolution", rule: ISSUE, answer: issueSchema },
    summary: "Open an issue again",
  },
} as const satisfies Record<string, EngineRoute>;
