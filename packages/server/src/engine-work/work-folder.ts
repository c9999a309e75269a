import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { WorkItem, WorkQueue } from "@segany/data-engine";
import type { BlobStore } from "../blobs/blob-store.js";
import { WORK_FOLDER } from "../folder/own-names.js";

/** Folders of files that are in the store until they are no longer needed, by the kind of work. */
const KEPT = ["exports", "imports"] as const;

/** Milliseconds that the file of an export is kept, and that of an import that was not done. */
export const KEEP_MS = 7 * 24 * 3_600_000;

/** Key of an item's zip file. @param attempt whose file it is: a late one replaces no other's */
export const zipKey = (folder: (typeof KEPT)[number], id: string, attempt = 0): string =>
  `${folder}/${id}.${attempt}.zip`;

/** Folder for an item's files while it is worked on, in which another attempt finds them. */
export async function openWorkFolder(directory: string, { id }: WorkItem): Promise<string> {
  const path = join(directory, WORK_FOLDER, id);
  await mkdir(path, { recursive: true });
  return path;
}

/** Removes the files of work that has ended: those of the work folder at once, those in the store later. */
export async function removeLeftovers(
  queue: Pick<WorkQueue, "get">,
  blobs: Pick<BlobStore, "list" | "delete" | "stat">,
  directory: string,
  now = Date.now(),
): Promise<void> {
  for (const id of await readdir(join(directory, WORK_FOLDER)).catch(() => []))
    if ((await endOf(queue, id)) !== "goes on")
      await rm(join(directory, WORK_FOLDER, id), { recursive: true, force: true });
  for (const folder of KEPT)
    for (const key of await blobs.list(folder)) {
      const end = await endOf(queue, key.slice(folder.length + 1).split(".")[0]!);
      // An upload is there before its work is.
      const endedAt = end === "unknown" ? ((await blobs.stat(key))?.usedMs ?? now) : end;
      if (endedAt !== "goes on" && endedAt < now - KEEP_MS) await blobs.delete(key);
    }
}

/** When work ended, milliseconds since 1970. */
async function endOf(queue: Pick<WorkQueue, "get">, id: string): Promise<number | "goes on" | "unknown"> {
  try {
    const { state, updatedAt } = await queue.get(id);
    return state === "queued" || state === "running" ? "goes on" : updatedAt;
  } catch (error) {
    if ((error as { code?: string }).code === "not-found") return "unknown";
    throw error;
  }
}
