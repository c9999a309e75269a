import { z } from "zod";
import type { EngineRoute } from "./route.js";
import { idSchema, pageOf, pageQuery, textSchema, timeSchema } from "./values.js";

const sums = {
  /** Masks that were created. */
  masks: z.number(),
  edits: z.number(),
  /** Masks that were deleted and not restored. */
  deletions: z.number(),
  clicks: z.number(),
  /** Milliseconds of work, without idle time. */
  activeMs: z.number(),
  /** null without a mask. */
  secondsPerMask: z.number().nullable(),
  clicksPerMask: z.number().nullable(),
} as const;

const share = z.number().nullable();

/** What became of masks in review, and how well they agree with others. */
const quality = {
  /** Masks of accepted jobs, except those that who made them took back. */
  reviewed: z.int(),
  /** Of them: accepted as they were made, changed by another, deleted by another. */
  kept: z.int(),
  corrected: z.int(),
  removed: z.int(),
  /** `kept` of `reviewed`. */
  acceptedShare: share,
  /** Mean IoU to ground truth; 0 for a mask that it does not have. */
  truthIou: share,
  /** Mean IoU to the masks of other replicas; 0 for a mask that another lacks. */
  agreement: share,
} as const;

const time = z.coerce.number().int().min(0).max(8.64e15);

const waiting = { state: z.string(), count: z.int() } as const;

const workStateSchema = z.enum(["queued", "running", "done", "dead", "cancelled"]);

const workItemSchema = z.strictObject({
  id: idSchema,
  kind: z.string(),
  project: idSchema.nullable(),
  payload: z.unknown(),
  state: workStateSchema,
  /** Largest first. */
  priority: z.int(),
  /** Number of the present or last attempt, from 1; 0 before the first. */
  attempt: z.int(),
  maxAttempts: z.int(),
  runAt: timeSchema,
  worker: z.string().nullable(),
  leaseExpiresAt: timeSchema.nullable(),
  cancelRequested: z.boolean(),
  progress: z.unknown(),
  result: z.unknown(),
  /** Why the last attempt failed, or why the work is dead. */
  error: z.string().nullable(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});

export { workItemSchema };

const workQuery = z.strictObject({
  ...pageQuery,
  kind: textSchema(100).optional(),
  state: workStateSchema.optional(),
});

const inProject = <R extends "maintainer" | "supervisor">(role: R) =>
  ({ who: "member", role, of: "project" }) as const;

const WORK = { who: "member", role: "maintainer", of: "work" } as const;

const groupQuery = z.strictObject({
  by: z.enum(["person", "source", "model", "stage", "class", "day", "week"]),
  /** Any time of the first day (UTC), milliseconds since 1970. */
  from: time.optional(),
  /** Any time of the last day. */
  to: time.optional(),
});

/** Routes for statistics. */
export const statisticsRoutes = {
  getStatistics: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/statistics", rule: inProject("supervisor") },
    summary: "How much was labelled in a project, and how fast",
    answer: z.strictObject({
      ...sums,
      /** Of the annotation jobs, by state. */
      images: z.strictObject({ open: z.int(), done: z.int(), skipped: z.int() }),
      /** Of labelled images, as they are now; with more than 2000 of them, of 2000. */
      masksPerImage: z.number().nullable(),
    }),
  },
  listStatistics: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/statistics/groups" },
    rule: inProject("supervisor"),
    summary: "The same by person, source, model, stage, class, day or week",
    query: groupQuery,
    /** `key`: a person's id, a name, or a date; in the order of the keys. */
    answer: z.array(z.strictObject({ key: z.string(), ...sums })),
  },
  getStatisticsTable: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/statistics/table" },
    rule: inProject("supervisor"),
    summary: "The groups with what became of their masks in review, IoU to ground truth, and agreement",
    query: groupQuery,
    answer: z.strictObject({
      /** Whether only a part of the masks was looked at for acceptance, IoU and agreement. */
      isSample: z.boolean(),
      total: z.strictObject(quality),
      rows: z.array(z.strictObject({ key: z.string(), ...sums, ...quality })),
    }),
  },
  getStatisticsCsv: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/statistics/csv", csv: "statistics.csv" },
    rule: inProject("supervisor"),
    summary: "The same as CSV, with the names of people",
    query: groupQuery,
    answer: z.string(),
  },
  getQueueHealth: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/queue", rule: inProject("supervisor") },
    summary: "What waits for people and for the machine",
    answer: z.strictObject({
      jobs: z.array(z.strictObject({ stage: z.string(), ...waiting })),
      work: z.array(z.strictObject({ kind: z.string(), ...waiting })),
      /** Milliseconds; null if nothing waits. */
      oldestJobMs: z.number().nullable(),
      oldestWorkMs: z.number().nullable(),
    }),
  },
} as const satisfies Record<string, EngineRoute>;

/** Routes for the work of the machine: embeddings, imports, exports. */
export const workItemRoutes = {
  listWork: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/work-items", rule: inProject("maintainer") },
    summary: "The machine's work for a project, newest first",
    query: workQuery,
    answer: pageOf(workItemSchema),
  },
  listAllWork: {
    ...{ method: "GET", url: "/v1/engine/work-items", rule: { who: "administrator" } },
    summary: "All work of the machine, newest first",
    query: workQuery,
    answer: pageOf(workItemSchema),
  },
  getWorkItem: {
    ...{ method: "GET", url: "/v1/engine/work-items/:work", rule: WORK, answer: workItemSchema },
    summary: "Work of the machine, with its progress or why it failed",
  },
  cancelWork: {
    ...{ method: "POST", url: "/v1/engine/work-items/:work/cancellation", rule: WORK },
    summary: "Cancel work that waits or runs",
    answer: workItemSchema,
  },
  runWorkAgain: {
    ...{ method: "POST", url: "/v1/engine/work-items/:work/run", rule: WORK, answer: workItemSchema },
    summary: "Run work again that is dead or was cancelled",
  },
} as const satisfies Record<string, EngineRoute>;
