import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { jobRecordSchema } from "../records/job-record.js";
import { storedImageSchema } from "../records/stored-image.js";
import { MARKER_NAME } from "./marker.js";
import { OWN_FOLDER_PATHS, OWN_PATHS, SYSTEM_NAMES } from "./own-names.js";

/**
 * Searches a folder without a marker for foreign content. The first versions wrote no marker, so their
 * folders are recognised by content: every file and folder has a name those versions used, and at least one
 * record is valid. Links are foreign.
 *
 * @returns the path, relative to the folder, of something that isn't ours; undefined for an empty folder and
 *   for one of ours
 */
export async function findForeignContent(root: string): Promise<string | undefined> {
  const files: string[] = [];
  for await (const { path, isOwn } of walk(root, "")) {
    if (!isOwn) return path;
    if (!path.endsWith("/")) files.push(path);
  }
  for (const path of files) if (await isRecord(root, path)) return undefined;
  return files[0];
}

interface Entry {
  /** Folders end with "/". */
  readonly path: string;
  readonly isOwn: boolean;
}

async function* walk(root: string, folder: string): AsyncGenerator<Entry> {
  const inside: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder + entry.name;
    if (SYSTEM_NAMES.has(entry.name) || path === MARKER_NAME) continue;
    if (entry.isDirectory()) {
      yield { path: `${path}/`, isOwn: OWN_FOLDER_PATHS.test(path) };
      inside.push(`${path}/`);
    } else yield { path, isOwn: entry.isFile() && OWN_PATHS.some((own) => own.test(path)) };
  }
  for (const path of inside) yield* walk(root, path);
}

/** Whether it is the valid record of an image or a job, at the path for its id. */
async function isRecord(root: string, path: string): Promise<boolean> {
  const [kind, id, name] = path.split("/");
  if (name !== "image.json" && name !== "job.json") return false;
  try {
    const value: unknown = JSON.parse(await readFile(join(root, path), "utf8"));
    return kind === "images"
      ? storedImageSchema.parse(value).id === id
      : jobRecordSchema.parse(value).job.id === id;
  } catch {
    return false;
  }
}
