import type { BlobStore } from "../blobs/blob-store.js";
import { type MaskList, maskListSchema } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { jobKeys } from "../records/job-record.js";

/** The masks that a job has found. @throws ServerError `gone` */
export async function readJobMasks(blobs: BlobStore, id: string): Promise<MaskList> {
  const bytes = await blobs.get(jobKeys.masks(id));
  if (!bytes) throw new ServerError("gone", "The masks of this job were deleted; run everything mode again.");
  return maskListSchema.parse(JSON.parse(bytes.toString("utf8")));
}
