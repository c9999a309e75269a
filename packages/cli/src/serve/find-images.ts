import { extname, join } from "node:path";
import { walkFiles } from "@segany/runtime/files";
import { DATA_FOLDER_MARKER } from "@segany/server";
import { UsageError } from "../cli-error.js";

/** Endings of the formats that a server takes. */
const ENDINGS: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"]);

/**
 * The images in a folder and the folders inside, sorted by path. Links are followed; hidden files and the data folders
 * of servers are left out.
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
