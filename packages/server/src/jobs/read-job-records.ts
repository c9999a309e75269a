import type { BlobStore } from "../blobs/blob-store.js";
import { hasEnded, type JobRecord, jobKeys, jobRecordSchema } from "../records/job-record.js";

/** Reads the jobs on disk, oldest first. Unfinished jobs are returned as queued. */
export async function readJobRecords(blobs: BlobStore): Promise<JobRecord[]> {
  const keys = (await blobs.list("jobs")).filter((key) => key === jobKeys.record(key.split("/")[1] ?? ""));
  const records = await Promise.all(keys.map((key) => readRecord(blobs, key)));
  return records
    .filter((record) => record !== undefined)
    .map((record) => (hasEnded(record.job) ? record : asSubmitted(record)))
    .sort((a, b) => (a.job.createdAt < b.job.createdAt ? -1 : 1));
}

async function readRecord(blobs: BlobStore, key: string): Promise<JobRecord | undefined> {
  try {
    return jobRecordSchema.parse(JSON.parse((await blobs.get(key))!.toString("utf8")));
  } catch {
    return undefined; // not ours, or damaged
  }
}

function asSubmitted({ job: { id, kind, imageId, createdAt }, ...rest }: JobRecord): JobRecord {
  return { job: { id, kind, imageId, createdAt, state: "queued" }, ...rest };
}
