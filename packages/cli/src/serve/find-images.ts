import { extname, join } from "node:path";
import { walkFiles } from "@segany/runtime/files";
import { DATA_FOLDER_MARKER } from "@segany/server";
import { UsageError } from "../cli-error.js";

/** File extensions of the formats that a server accepts. */
const ENDINGS: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"]);

/**
 * Finds the images in a folder and its sub-folders, sorted by path. Links are followed; hidden files and the
 * data folders of servers are skipped.
 *
 * @throws UsageError for a folder that can't be read
 */
export async function findImages(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const name of walkFiles(folder, (files) => !files.includes(DATA_FOLDER_MARKER)))
      if (ENDINGS.has(extname(name).toLowerCase())) found.push(join(folder, name));
  } catch (error) {
    throw new UsageError(`The images of "${folder}" can't be imported: ${(error as Error).message}.`);
  }
  return found.sort();
}
