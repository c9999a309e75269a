import { z } from "zod";
import { jobSchema, segmentRequestSchema } from "../contract/jobs.js";

/** What is written down of a job. */
export const jobRecordSchema = z.strictObject({
  job: jobSchema,
  request: segmentRequestSchema,
  /** How often it was begun without coming to an end, be it that a worker or that the server was killed. */
  attempts: z.int().default(0),
});

export type JobRecord = z.infer<typeof jobRecordSchema>;

export const jobKeys = {
  record: (id: string) => `jobs/${id}/job.json`,
  masks: (id: string) => `jobs/${id}/masks.json`,
} as const;

/** Whether nothing more will happen to it. */
export function hasEnded({ state }: JobRecord["job"]): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
