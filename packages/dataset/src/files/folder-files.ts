import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { kindOf, walkFiles } from "@segany/runtime/files";
import { DatasetError } from "../errors.js";
import { readSize } from "../json/fields.js";
import { unreadable } from "./files.js";
import { readImageHeader } from "./image-header.js";

/**
 * The files below a folder, links followed, as names relative to it with `/`, in the order of their
 * characters. Only the names are in memory.
 *
 * @param wanted of which names
 * @returns none when there is no such folder
 * @throws DatasetError `file-unreadable`
 */
export async function listFiles(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const name of walkFiles(folder)) if (wanted(name)) names.push(name);
  } catch (cause) {
    const { code, path = folder } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw unreadable(path, cause);
  }
  return names.sort();
}

/** As many entries of a folder are looked at to find out what it is. */
const maxEntriesSeen = 1000;

/**
 * Looks for a file directly in a folder or in one of its folders, among the first entries of each.
 *
 * @returns its path; undefined when there is none, or no such folder
 */
export async function findFile(
  folder: string,
  wanted: (name: string) => boolean,
  depth = 1,
): Promise<string | undefined> {
  const entries = await opendir(folder).catch(() => undefined);
  if (!entries) return undefined;
  const folders: string[] = [];
  let seen = 0;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = await kindOf(entry, path);
    if (kind === "file" && wanted(entry.name)) return path;
    if (kind === "folder" && depth > 0) folders.push(path);
    if (++seen >= maxEntriesSeen) break;
  }
  for (const path of folders) {
    const found = await findFile(path, wanted, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The error for two images whose masks would be in the same file. */
export function sameStem(first: string, second: string): DatasetError {
  return new DatasetError(
    "dataset-invalid",
    `The images "${first}" and "${second}" differ only in their extension or in upper and lower case, so that files of masks named after them can't be told apart; rename one.`,
  );
}

/**
 * The size of an image file as it is seen, that is after its EXIF orientation; reads no pixels.
 *
 * @returns pixels
 * @throws DatasetError `file-unreadable`, `annotation-invalid` for more pixels than a mask can have
 */
export async function imageSizeOf(path: string): Promise<{ width: number; height: number }> {
  const { width, height } = await readImageHeader(path, path);
  return readSize({ width, height }, path);
}
