import { z } from "zod";
import { jobSchema, segmentRequestSchema } from "../contract/jobs.js";

/** The record of a job on disk. */
export const jobRecordSchema = z.strictObject({
  job: jobSchema,
  request: segmentRequestSchema,
  /** Id of the version of a project's model that it runs with; without one it is the server's model. */
  version: z.string().optional(),
  /** Number of attempts that did not finish because a worker or the server was killed. */
  attempts: z.int().default(0),
});

export type JobRecord = z.infer<typeof jobRecordSchema>;

export const jobKeys = {
  record: (id: string) => `jobs/${id}/job.json`,
  masks: (id: string) => `jobs/${id}/masks.json`,
} as const;

/** Whether the job is done, failed or cancelled. */
export function hasEnded({ state }: JobRecord["job"]): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
