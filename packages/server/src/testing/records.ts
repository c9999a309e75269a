import type { JobRecord } from "../records/job-record.js";
import type { StoredImage } from "../records/stored-image.js";

export const IMAGE_ID = "a1".repeat(32);
export const JOB_ID = "b2".repeat(16);

export function storedImage(fields: Partial<StoredImage> = {}): StoredImage {
  return {
    id: IMAGE_ID,
    width: 4,
    height: 3,
    name: "cat.jpg",
    orientation: 1,
    mediaType: "image/jpeg",
    bytes: 4,
    createdAt: "2026-01-01T00:00:00.000Z",
    ...fields,
  };
}

export function jobRecord(): JobRecord {
  const createdAt = "2026-01-01T00:00:00.000Z";
  return {
    job: { id: JOB_ID, kind: "segment", imageId: IMAGE_ID, state: "done", createdAt },
    request: {},
    attempts: 0,
  };
}
