import type { WorkItem } from "@segany/data-engine";
import type { Job, JobProgress, SegmentRequest } from "../contract/jobs.js";
import type { ServerError } from "../errors.js";
import { withoutFolders } from "./job-error.js";

/** Kind of the work items that are jobs of servers which share their work. */
export const EVERYTHING = "everything";

/** Payload of a job's item. */
export interface SharedJobWork {
  readonly imageId: string;
  readonly request: SegmentRequest;
  /** Id of the version of a project's model that it keeps to its end. */
  readonly version?: string;
  /** Who submitted it. */
  readonly client?: string;
}

/** Result of a job's item; a job that has failed for good is an item that is done. */
export type SharedJobResult =
  | { readonly masks: number; readonly progress?: JobProgress }
  | { readonly error: NonNullable<Job["error"]> };

/** A job's id is that of its item without the dashes. */
export const jobIdOfItem = (id: string): string => id.replaceAll("-", "");

export const itemIdOfJob = (id: string): string =>
  id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** The job as clients see it. @param position in the queue, from 1, if it is known */
export function sharedJobOf(item: WorkItem, position?: number): Job {
  const { imageId } = item.payload as SharedJobWork;
  const job = {
    ...{ id: jobIdOfItem(item.id), kind: "segment" as const, imageId },
    createdAt: new Date(item.createdAt).toISOString(),
  };
  const progress = item.progress as JobProgress | null;
  const sofar = progress && { progress };
  const end = { finishedAt: new Date(item.updatedAt).toISOString(), ...sofar };
  // A job that was done before its worker heard of the wish has ended as the client was told.
  if (item.cancelRequested || item.state === "cancelled") return { ...job, state: "cancelled", ...end };
  switch (item.state) {
    case "queued":
      return { ...job, state: "queued", ...(position !== undefined && { position }) };
    case "running":
      return { ...job, state: "running", ...sofar };
    case "done": {
      const result = item.result as SharedJobResult;
      return { ...job, state: "error" in result ? "failed" : "done", ...end, ...result };
    }
    case "dead":
      return { ...job, state: "failed", ...end, error: { code: "internal", message: deathOf(item) } };
  }
}

function deathOf({ attempt, error }: WorkItem): string {
  return (
    `The job was started ${attempt} times, and did not get done. The image or the settings may need more memory ` +
    `than available: try fewer points or crops, or a smaller image. The last time: ${withoutFolders(error ?? "")}`
  );
}

const PASSING: ReadonlySet<string> = new Set(["overloaded", "too-many-requests", "storage-full", "stopping"]);

/** Whether another attempt may help. */
export const isPassingJobError = ({ code }: ServerError): boolean => PASSING.has(code);
