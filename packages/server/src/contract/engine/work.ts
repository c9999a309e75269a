import { z } from "zod";
import { imageIdSchema } from "../images.js";
import { rleSchema } from "../masks.js";
import { MAX_POINTS } from "../predict.js";
import type { EngineRoute } from "./route.js";
import { idSchema, pageOf, pageQuery, textSchema, timeSchema } from "./values.js";

const stageSchema = z.enum(["annotation", "validation", "acceptance"]);
const stateSchema = z.enum(["new", "in progress", "completed", "rejected"]);

const jobSchema = z.strictObject({
  id: idSchema,
  task: idSchema,
  project: idSchema,
  type: z.enum(["annotation", "ground_truth", "consensus_replica", "audit"]),
  stage: stageSchema,
  state: stateSchema,
  /** Whose turn it is; null for the first who pulls it. */
  assignee: idSchema.nullable(),
  annotator: idSchema.nullable(),
  reviewer: idSchema.nullable(),
  /** Of a replica: the job that its masks are merged into. */
  parent: idSchema.nullable(),
  version: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});

const jobImageSchema = z.strictObject({
  job: idSchema,
  image: imageIdSchema,
  position: z.int(),
  name: z.string(),
  state: z.enum(["open", "done", "skipped"]),
  skipReason: z.string().nullable(),
  lockedBy: idSchema.nullable(),
  lockExpiresAt: timeSchema.nullable(),
});

const lockSchema = z.strictObject({
  job: idSchema,
  image: imageIdSchema,
  person: idSchema,
  /** Goes with each later request: a lock that another took over has a smaller number. */
  number: z.int(),
  expiresAt: timeSchema,
});

const lockNumber = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

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

const comment = textSchema(10_000);

const inProject = <R extends "supervisor" | "worker">(role: R) =>
  ({ who: "member", role, of: "project" }) as const;

const JOB = { who: "participant", or: "supervisor", of: "job" } as const;
const ISSUE = { who: "participant", or: "supervisor", of: "issue" } as const;
const IMAGE = "/v1/engine/jobs/:job/images/:image";

const jobQuery = z.strictObject({
  ...pageQuery,
  task: idSchema.optional(),
  assignee: idSchema.optional(),
  stage: stageSchema.optional(),
  state: stateSchema.optional(),
});

/** Routes for jobs and the queue. */
export const jobRoutes = {
  listJobs: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/jobs", rule: inProject("worker") },
    summary: "The jobs of a project, oldest first; for a worker the own ones",
    query: jobQuery,
    answer: pageOf(jobSchema),
  },
  countJobImages: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/jobs/images", rule: inProject("worker") },
    summary: "How far the images of these jobs are: the same jobs, page by page",
    query: jobQuery,
    answer: pageOf(
      z.strictObject({
        job: idSchema,
        images: z.int(),
        open: z.int(),
        skipped: z.int(),
        /** Why images were skipped; the first twenty. */
        skips: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
      }),
    ),
  },
  countJobs: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/jobs/counts", rule: inProject("worker") },
    summary: "How many jobs are in which stage and state; for a worker of the own ones",
    query: z.strictObject({ task: idSchema.optional(), assignee: idSchema.optional() }),
    answer: z.array(z.strictObject({ stage: stageSchema, state: stateSchema, count: z.int() })),
  },
  getJob: {
    ...{ method: "GET", url: "/v1/engine/jobs/:job", rule: JOB, answer: jobSchema },
    summary: "A job",
  },
  listJobImages: {
    ...{ method: "GET", url: "/v1/engine/jobs/:job/images", rule: JOB, answer: z.array(jobImageSchema) },
    summary: "The images of a job, in the order in which they are labelled",
  },
  assignJob: {
    ...{ method: "PUT", url: "/v1/engine/jobs/:job/assignee", answer: jobSchema },
    rule: { who: "member", role: "supervisor", of: "job" },
    summary: "Give a job to a member; null for the first who pulls it",
    body: z.strictObject({ assignee: idSchema.nullable() }),
  },
  completeJob: {
    ...{ method: "POST", url: "/v1/engine/jobs/:job/completion", rule: JOB, answer: jobSchema },
    summary: "Hand the labelled job on; for its assignee",
  },
  acceptJob: {
    ...{ method: "POST", url: "/v1/engine/jobs/:job/acceptance", rule: JOB, answer: jobSchema },
    summary: "Accept a job; for its reviewer",
  },
  rejectJob: {
    ...{ method: "POST", url: "/v1/engine/jobs/:job/rejection", rule: JOB, answer: jobSchema },
    summary: "Send a job back to its annotator; for its reviewer",
    body: z.strictObject({ comment }),
  },
  nextImage: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/queue/next", rule: inProject("worker") },
    summary: "The next image to label, locked; null if there is nothing to do",
    answer: z.strictObject({ lock: lockSchema.nullable() }),
  },
  nextReview: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/queue/next-review" },
    rule: inProject("supervisor"),
    summary: "The next job to review; null if there is nothing to do",
    answer: z.strictObject({ job: jobSchema.nullable() }),
  },
  takeLock: {
    ...{ method: "POST", url: `${IMAGE}/lock`, rule: JOB, answer: lockSchema, status: 201 },
    summary: "Lock an image; for the job's assignee",
  },
  keepLock: {
    ...{ method: "PUT", url: `${IMAGE}/lock`, rule: JOB, answer: lockSchema },
    summary: "Keep a lock for another while",
    body: z.strictObject({ number: lockNumber }),
  },
  releaseLock: {
    ...{ method: "DELETE", url: `${IMAGE}/lock`, rule: JOB },
    summary: "Give an image back; a lock that was lost already is no error",
    query: z.strictObject({ number: z.coerce.number().pipe(lockNumber) }),
  },
  finishImage: {
    ...{ method: "POST", url: `${IMAGE}/completion`, rule: JOB, answer: jobImageSchema },
    summary: "Mark an image as labelled",
    body: z.strictObject({ number: lockNumber }),
  },
  skipImage: {
    ...{ method: "POST", url: `${IMAGE}/skip`, rule: JOB, answer: jobImageSchema },
    summary: "Leave an image out, and say why",
    body: z.strictObject({ number: lockNumber, reason: textSchema(1000) }),
  },
} as const satisfies Record<string, EngineRoute>;

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
      text: comment,
    }),
  },
  addComment: {
    ...{ method: "POST", url: "/v1/engine/issues/:issue/comments", rule: ISSUE, answer: issueSchema },
    summary: "Comment on an issue",
    body: z.strictObject({ text: comment }),
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
