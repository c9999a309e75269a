import { compareFile, type FileRecord, hasIdentity, recordFile } from "@segany/runtime/files";
import { z } from "zod";
import type { BlobStore } from "../blobs/blob-store.js";

/** An embedding as local files. */
export interface EmbeddingFiles {
  /** `.safetensors` with all metadata. */
  readonly float32Path: string;
  /** The values as float16, without metadata. */
  readonly float16Path: string;
}

const fileRecordSchema = z.strictObject({
  sizeBytes: z.int(),
  checksum: z.int(),
  sample: z.string(),
  identity: z.string(),
}) satisfies z.ZodType<FileRecord>;

const recordsSchema = z.strictObject({ float32: fileRecordSchema, float16: fileRecordSchema });

/** Sizes and checksums of an embedding's files. */
export type EmbeddingRecords = z.infer<typeof recordsSchema>;

/** Describes the files of an embedding and stores that under a key. */
export async function writeRecords(
  blobs: BlobStore,
  key: string,
  files: EmbeddingFiles,
): Promise<EmbeddingRecords> {
  const records = await describe(files);
  await blobs.put(key, JSON.stringify(records));
  return records;
}

async function describe({ float32Path, float16Path }: EmbeddingFiles): Promise<EmbeddingRecords> {
  return { float32: await recordFile(float32Path), float16: await recordFile(float16Path) };
}

/**
 * Compares the files with the records under a key: sizes and samples, and the checksums of a copied or
 * touched file.
 *
 * @returns the records, or undefined if there are none or a file is missing, truncated or changed
 */
export async function readMatchingRecords(
  blobs: BlobStore,
  key: string,
  files: EmbeddingFiles,
): Promise<EmbeddingRecords | undefined> {
  try {
    const records = recordsSchema.parse(JSON.parse((await blobs.get(key))!.toString("utf8")));
    const found = [
      await compareFile(files.float32Path, records.float32),
      await compareFile(files.float16Path, records.float16),
    ];
    if (found.includes("other")) return undefined;
    if (!found.includes("moved")) return records;
    if (blobs.isShared) return await describe(files); // each machine has copies of its own
    // A folder that can't be written is read again after the next start.
    return await writeRecords(blobs, key, files).catch(() => records);
  } catch {
    return undefined;
  }
}

/** Whether nobody has written to the files since they were recorded. Reads nothing of them. */
export async function areUntouched(
  { float32Path, float16Path }: EmbeddingFiles,
  { float32, float16 }: EmbeddingRecords,
): Promise<boolean> {
  return (await hasIdentity(float32Path, float32)) && (await hasIdentity(float16Path, float16));
}
