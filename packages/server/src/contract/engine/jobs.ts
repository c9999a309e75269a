import { z } from "zod";
import { imageIdSchema } from "../images.js";
import type { EngineRoute } from "./route.js";
import { commentSchema, idSchema, pageOf, pageQuery, textSchema, timeSchema } from "./values.js";

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

/** Of a lock; see its schema. */
export const lockNumber = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

const inProject = <R extends "supervisor" | "worker">(role: R) =>
  ({ who: "member", role, of: "project" }) as const;

/** Who works on the job, and supervisors. */
export const JOB = { who: "participant", or: "supervisor", of: "job" } as const;
/** An image of a job. */
export const IMAGE = "/v1/engine/jobs/:job/images/:image";

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
    body: z.strictObject({ comment: commentSchema }),
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
